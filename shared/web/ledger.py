"""What a service tells of its ledger: to the other services its hashes, to its operator how it stands."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from shared.errors import N_, Invalid
from shared.ledger.chain import last_sealed
from shared.ledger.heads import PROBLEMS, alarms, counts
from shared.ledger.models import LedgerCheck, LedgerEntry, LedgerHead
from shared.ledger.watch import OWN
from shared.web.access import peers_only
from shared.web.request import current_session

MOST = 100  # positions in one question


@dataclass(frozen=True)
class OtherLedger:
    """What is known of another's ledger: its newest head, how it compared, and what is wrong."""

    source: str
    head: LedgerHead
    check: LedgerCheck | None
    problem: str | None  # msgid


def ledger_blueprint() -> Blueprint:
    blueprint = Blueprint("ledger", __name__, url_prefix="/ledger")

    @blueprint.get("/hashes")
    @peers_only
    def hashes() -> ResponseReturnValue:
        found = current_session().execute(
            select(LedgerEntry.position, LedgerEntry.hash)
            .where(LedgerEntry.position.in_(_positions()))
            .order_by(LedgerEntry.position)
        )
        return jsonify(hashes=[{"position": position, "hash": hash_} for position, hash_ in found])

    return blueprint


def _positions() -> list[int]:
    given = request.args.getlist("position")
    if len(given) > MOST or not all(text.isdecimal() and len(text) <= 15 for text in given):
        raise Invalid(N_("Give whole numbers, 100 at most."), field="position")
    return [int(text) for text in given]


def ledger_state(session: Session, own: str) -> dict[str, Any]:
    """How the ledger of this service (`own`: its source) stands, and what is known of the others'."""
    unsealed = select(func.count()).where(LedgerEntry.position.is_(None))
    mine = select(LedgerHead.signed_at).where(LedgerHead.source == own, counts())
    return {
        "sealed": last_sealed(session)[0],
        "waiting": session.scalar(unsealed) or 0,
        "signed_at": session.scalar(mine.order_by(LedgerHead.signed_at.desc()).limit(1)),
        "check": session.get(LedgerCheck, OWN),
        "others": _others(session, own),
    }


def ledger_faults(state: dict[str, Any]) -> list[str]:
    """What an operator must look into, in the reader's language."""
    found = []
    if state["check"] and state["check"].problem:
        found.append(_("The ledger is broken: `huajie ledger verify` says where."))
    wrong = sum(other.problem is not None for other in state["others"])
    if wrong:
        text = ngettext(
            "The ledger of %(num)d other service is not as it was told here.",
            "The ledgers of %(num)d other services are not as they were told here.",
            wrong,
        )
        found.append(text)
    return found


def _others(session: Session, own: str) -> list[OtherLedger]:
    newest = (
        select(LedgerHead.source, func.max(LedgerHead.position).label("position"))
        .where(LedgerHead.source != own, counts())
        .group_by(LedgerHead.source)
        .subquery()
    )
    of_newest = and_(LedgerHead.source == newest.c.source, LedgerHead.position == newest.c.position)
    found = session.scalars(select(LedgerHead).join(newest, of_newest).where(counts()))
    heads = {head.source: head for head in found}
    checks = {check.ledger: check for check in session.scalars(select(LedgerCheck))}
    wrong = {head.source: PROBLEMS[head.problem or ""] for head in alarms(session)}
    return [OtherLedger(s, heads[s], checks.get(s), wrong.get(s)) for s in sorted(heads)]
