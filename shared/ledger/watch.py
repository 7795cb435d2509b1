"""Looks after the ledgers once a day: this service's own chain, and the others' against the heads kept here.

What came of it is kept for the operator's page and for `huajie check`.
"""

import logging
import threading
from contextlib import closing
from datetime import timedelta

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.errors import N_
from shared.ledger.acting import act_as
from shared.ledger.heads import PROBLEMS, counts
from shared.ledger.models import LedgerCheck, LedgerHead
from shared.ledger.verify import check_chain
from shared.runtime.peers import peer_client
from shared.runtime.service import Instance

log = logging.getLogger(__name__)
EVERY = timedelta(days=1)
SECONDS = 300.0
OWN = "own"
COMPARED = 50  # the newest heads of each ledger; a hash covers all entries before it
NO_ANSWER = N_("it did not answer")
NO_ADDRESS = N_("it has no address here: PEERS or PARTNERS")


def watch_ledgers(instance: Instance, stop: threading.Event) -> None:
    """Look at each ledger once a day, until stopped."""
    act_as("timer", "ledger-watch")
    while not stop.wait(SECONDS):
        if is_due(instance, OWN):
            verify_own(instance)
        for source in sources(instance):
            if is_due(instance, source):
                compare(instance, source)


def is_due(instance: Instance, ledger: str) -> bool:
    """Whether a ledger was not looked at for a day."""
    with instance.db.read() as session:
        last = session.get(LedgerCheck, ledger)
    return last is None or clock.now() - last.at >= EVERY


def sources(instance: Instance) -> list[str]:
    """The others from whom a head was heard."""
    with instance.db.read() as session:
        heard = select(LedgerHead.source).where(LedgerHead.source != instance.keys.source, counts())
        return sorted(session.scalars(heard.distinct()))


def verify_own(instance: Instance) -> str | None:
    """Walk the own chain and keep what came of it; the fault in words, if any."""
    verdict = check_chain(instance.db, instance.keys)
    problem = str(verdict.fault) if verdict.fault else None
    _keep(instance, OWN, verdict.entries, problem)
    if problem:
        log.error("the ledger is broken", extra={"position": verdict.fault.position if verdict.fault else 0})
    return problem


def compare(instance: Instance, source: str) -> str | None:
    """Ask a service for its hashes where it told its heads; what is wrong in words (a msgid), if anything.

    A head that does not fit is marked, and stays an alarm until it is acknowledged.
    """
    with instance.db.read() as session:
        heads = _to_compare(session, source)
    try:
        hashes = _ask(instance, source, [head.position for head in heads])
    except KeyError:
        return _keep(instance, source, 0, NO_ADDRESS)
    except (httpx.HTTPError, ValueError, TypeError) as error:
        log.warning("a ledger could not be compared", extra={"peer": source, "error": type(error).__name__})
        return _keep(instance, source, 0, NO_ANSWER)
    wrong = {head.event_id: _difference(head, hashes) for head in heads}
    with instance.db.write(recorded=False) as session:
        for event_id, problem in wrong.items():
            if problem:
                session.get_one(LedgerHead, event_id).problem = problem
    found = next((problem for problem in wrong.values() if problem), None)
    return _keep(instance, source, heads[0].position if heads else 0, PROBLEMS[found] if found else None)


def _to_compare(session: Session, source: str) -> list[LedgerHead]:
    known = select(LedgerHead).where(LedgerHead.source == source, LedgerHead.problem.is_(None), counts())
    return list(session.scalars(known.order_by(LedgerHead.position.desc()).limit(COMPARED)))


def _ask(instance: Instance, source: str, positions: list[int]) -> dict[int, str]:
    agency = source.split("/")[1]
    peer = source.rpartition("/")[2] if agency == instance.settings.agency else source
    with closing(peer_client(instance, peer)) as client:
        answer = client.get("/ledger/hashes", params={"position": positions}).raise_for_status().json()
    try:
        return {int(row["position"]): str(row["hash"]) for row in answer["hashes"]}
    except KeyError as error:
        raise ValueError("an answer without hashes") from error


def _difference(head: LedgerHead, hashes: dict[int, str]) -> str | None:
    if head.position not in hashes:
        return "went_back"
    return None if hashes[head.position] == head.hash else "rewritten"


def _keep(instance: Instance, ledger: str, position: int, problem: str | None) -> str | None:
    kept = LedgerCheck(ledger=ledger, at=clock.now(), position=position, problem=problem)
    with instance.db.write(recorded=False) as session:
        session.merge(kept)
    return problem
