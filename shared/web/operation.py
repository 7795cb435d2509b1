"""How a service is: what waits, what is parked, how catch-up goes, who was heard from, which loops live.

For the operator, who keeps the machines: counts, codes and moments, never a matter. Each service shows its
own state; the desk puts the five together.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import format_timedelta, ngettext
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.bus.catch_up import producers
from shared.db.cursor import CatchUpCursor
from shared.db.watch import LoopState, last_words, loop_states
from shared.errors import N_
from shared.identity.roles import Role
from shared.runtime.service import Instance
from shared.watching.backlog import backlog
from shared.web.access import access
from shared.web.ledger import ledger_faults, ledger_state
from shared.web.request import current_instance, current_session

SLOW = timedelta(minutes=1)  # what waits longer, waits for something
UNSEEN = timedelta(minutes=2)  # a worker that was not seen for so long does not run
LOOPS = {
    "relay": N_("Sends events out"),
    "consumer": N_("Takes messages in"),
    "work": N_("Handles messages"),
    "catch-up": N_("Catch-up"),
    "ledger": N_("Chains the ledger"),
    "ledger-watch": N_("Checks the ledgers"),
}


@dataclass(frozen=True)
class Peer:
    """What is known of one other service: its last word, and how it answered to catch-up."""

    source: str  # /<agency>/<service>
    agency: str | None  # where it is not this installation's own
    service: str
    said_at: datetime | None  # when the newest event heard from it happened
    cursor: CatchUpCursor | None

    @property
    def is_silent(self) -> bool:
        """It did not answer when it was asked last."""
        return self.cursor is not None and self.cursor.failing is not None


def operation_pages() -> Blueprint:
    """The page of a service's state."""
    blueprint = Blueprint("operation", __name__, url_prefix="/ops")

    @blueprint.get("")
    @access(Role.OPERATOR)
    def show() -> ResponseReturnValue:
        own = current_instance().service.operation
        return render_template("operation.html", title=_("Operation"), own=own() if own else "", **_state())

    return blueprint


def operation_card() -> str:
    """This service's state in short, for the operator's desk."""
    return render_template("operation_card.html", **_state())


def ago(moment: datetime) -> str:
    """How long ago a moment was, in the reader's language."""
    return str(format_timedelta(moment - clock.now(), add_direction=True))


def _state() -> dict[str, Any]:
    instance, session = current_instance(), current_session()
    waiting, loops, peers = backlog(session), loop_states(session), _peers(instance, session)
    ledger = ledger_state(session, instance.keys.source)
    bad = [*_loop_faults(loops), *_parked_faults(waiting["parked"]), *ledger_faults(ledger)]
    doubtful = [*_waiting_faults(waiting), *_peer_faults(peers)]
    return {
        "backlog": waiting,
        "loops": [(_loop_text(loop.loop), loop, _is_unseen(loop)) for loop in loops],
        "peers": peers,
        "ledger": ledger,
        "asked_at": min((p.cursor.asked_at for p in peers if p.cursor and p.cursor.asked_at), default=None),
        "faults": bad + doubtful,
        "light": "red" if bad else "orange" if doubtful else "green",
        "light_text": _("Needs you") if bad else _("Look into it") if doubtful else _("All is well"),
        "database": instance.db.engine.dialect.name,
        "bus": "memory" if instance.settings.is_embedded else "RabbitMQ",
        "ago": ago,
        "lasting": lambda seconds: str(format_timedelta(timedelta(seconds=seconds))),
    }


def _peers(instance: Instance, session: Session) -> list[Peer]:
    """Everyone whose events this service takes, and whoever else was heard from."""
    own = instance.settings.agency
    said = {word.source: word.occurred_at for word in last_words(session)}
    cursors = {cursor.producer: cursor for cursor in session.scalars(select(CatchUpCursor))}
    asked = {*producers(instance), *cursors}
    sources = {name if name.startswith("/") else f"/{own}/{name}" for name in asked} | said.keys()
    found = []
    for source in sorted(sources):
        agency, _slash, service = source.strip("/").partition("/")
        is_own = agency == own
        cursor = cursors.get(service if is_own else source)
        found.append(Peer(source, None if is_own else agency, service, said.get(source), cursor))
    return found


def _loop_text(name: str) -> str:
    """What a loop of every worker does; of a service's own timers nothing but their code is known."""
    return _(LOOPS[name]) if name in LOOPS else ""


def _is_unseen(loop: LoopState) -> bool:
    return clock.now() - loop.seen_at > UNSEEN


def _loop_faults(loops: Any) -> list[str]:
    if not loops:
        return [_("The worker of this service was never seen: is it running?")]
    newest = max(loop.seen_at for loop in loops)
    if clock.now() - newest > UNSEEN:
        return [_("The worker of this service was last seen %(ago)s: is it running?", ago=ago(newest))]
    return [
        _(
            "“%(loop)s” cannot do its work: %(why)s",
            loop=_loop_text(each.loop) or each.loop,
            why=_(each.failing),
        )
        for each in loops
        if each.failing
    ]


def _parked_faults(parked: int) -> list[str]:
    return [ngettext("%(num)d message is parked.", "%(num)d messages are parked.", parked)] if parked else []


def _waiting_faults(waiting: dict[str, Any]) -> list[str]:
    found = []
    if waiting["outbox_oldest_seconds"] > SLOW.total_seconds():
        found.append(_("Events wait to go out for over a minute: does the bus answer?"))
    if waiting["inbox_oldest_seconds"] > SLOW.total_seconds():
        found.append(
            _("Messages wait to be handled for over a minute: often for another that must come first.")
        )
    return found


def _peer_faults(peers: list[Peer]) -> list[str]:
    return [
        _("%(service)s did not answer to catch-up: %(why)s", service=_service(peer), why=peer.cursor.failing)
        for peer in peers
        if peer.is_silent and peer.cursor
    ]


def _service(peer: Peer) -> str:
    from shared.web.app import SERVICE_NAMES

    return _(SERVICE_NAMES[peer.service]) if peer.service in SERVICE_NAMES else peer.service
