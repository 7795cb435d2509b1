"""Merges what an event says into the read model. Any order, any number of times: the same board.

Of two events that speak of the same columns the newer wins; what only adds (late, closed) is never undone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.reporting.board import rules
from services.reporting.board.counts import following
from services.reporting.board.models import BoardClock, BoardPetition
from services.reporting.board.rules import State
from shared import clock
from shared.bus.handlers import Event
from shared.contracts.assignment import SEATS
from shared.identity.recusal import exclude

DESCRIPTION = ("organ", "signature", "township", "content_class", "superior_assigned", "received_on")


@contextmanager
def changing(session: Session, event: Event) -> Iterator[BoardPetition]:
    """The row of an event's petition, to be changed inside the block: the board's counts follow it.

    A new, still uncounted row where nothing was heard of the petition yet.
    """
    held: dict[UUID, BoardPetition] = session.info.setdefault("held", {})  # by this transaction
    petition = held.get(event["petition_id"])
    if petition in session.new:
        session.flush()  # each event's doing is in the ledger by itself
    if petition is None:
        # Locked: two events of one petition may be at work at once, and the state follows from both. Not
        # held, so nothing that waits to be written is of it: the batch's new rows are written together.
        with session.no_autoflush:
            petition = session.get(BoardPetition, event["petition_id"], with_for_update=True)
        if petition is None:
            petition = _unheard_of(event)
            session.add(petition)
        held[petition.petition_id] = petition
    with following(session, petition):
        yield petition


def _unheard_of(event: Event) -> BoardPetition:
    number, petition_id = event["number"], event["petition_id"]
    return BoardPetition(
        petition_id=petition_id,
        number=number,
        list_key=f"{number}-{petition_id.hex}",
        state=State.REGISTERED,
        withdrawn=False,
        superior_assigned=False,
        routed_rank=0,
        reopened_round=0,
        closed_round=0,
        rated_round=0,
        was_late=False,
    )


def register(session: Session, event: Event) -> None:
    """It is in the register, and counts from now on."""
    with changing(session, event) as petition:
        exclude(session, petition.petition_id, event.get("excluded") or ())
        petition.registered_on = clock.local_date(event["registered_at"])
        petition.month = f"{petition.registered_on:%Y-%m}"
        petition.channel = event["channel"]
        if petition.described_at is None or event["registered_at"] > petition.described_at:
            describe(petition, event, event["registered_at"])
        screen(petition, "registered", event["registered_at"])


def accept(session: Session, event: Event) -> None:
    """Screening accepted it, and may have corrected what the register said."""
    at = event["accepted_at"]
    with changing(session, event) as petition:
        exclude(session, petition.petition_id, event["excluded"])
        if petition.described_at is None or at >= petition.described_at:
            describe(petition, event, at)
            petition.category = event["category"]
        petition.accepted_on = latest(petition.accepted_on, clock.local_date(at))
        screen(petition, "accepted", at)


def describe(petition: BoardPetition, event: Event, at: datetime) -> None:
    """Take over what an event says the petition is."""
    petition.described_at = at
    for name in DESCRIPTION:
        setattr(petition, name, event.get(name))


def screen(petition: BoardPetition, step: str, at: datetime) -> None:
    """Note a step of intake, unless a newer one is known."""
    order = rules.SCREENING_ORDER
    known = None
    if petition.screened_at is not None and petition.screening is not None:
        known = (petition.screened_at, order.index(petition.screening))
    if known is None or (at, order.index(step)) > known:
        petition.screened_at, petition.screening = at, step
    settle_state(petition)


def route(petition: BoardPetition, event: Event, step: str, at: datetime) -> None:
    """Note who is in charge from `at` on, unless something newer is known."""
    given = (at, rules.ROUTE_ORDER.index(step))
    if petition.routed_at is None or given >= (petition.routed_at, petition.routed_rank):
        petition.routed_at, petition.routed_rank = given
        for seat in SEATS:
            setattr(petition, seat, event[seat])


def close(petition: BoardPetition, event: Event) -> None:
    """A round of handling ended."""
    if event["round"] >= petition.closed_round:
        petition.closed_round = event["round"]
        petition.closed_on = clock.local_date(event["closed_at"])
        petition.outcome = event["outcome"]
    settle_state(petition)


def rate(petition: BoardPetition, event: Event) -> None:
    """The petitioner's rating of the latest round counts."""
    given = (event["round"], event["rated_at"])
    if petition.rated_at is None or given >= (petition.rated_round, petition.rated_at):
        petition.rated_round, petition.rated_at, petition.rating = *given, event["rating"]


def latest(known: date | None, given: date) -> date:
    """The later of two days; nothing may be known yet."""
    return max(known or given, given)


def settle_state(petition: BoardPetition) -> None:
    """Derive the state anew."""
    petition.state = rules.state(
        petition.screening,
        opened=petition.opened_on is not None,
        reopened_round=petition.reopened_round,
        closed_round=petition.closed_round,
    )


def tick(session: Session, event: Event, kind: str, **ended: Any) -> None:
    """Merge an event of a clock, then the petition's earliest last day and whether it was ever late."""
    with changing(session, event) as petition:
        late = _merge(session, event, kind, **ended)
        session.flush()
        petition.due_on = session.scalar(
            select(func.min(BoardClock.due_on)).where(
                BoardClock.petition_id == petition.petition_id, BoardClock.stopped_on.is_(None)
            )
        )
        petition.was_late = petition.was_late or late


def _merge(session: Session, event: Event, kind: str, **ended: Any) -> bool:
    """Merge an event into its clock, and say whether that was ever late."""
    said = (event.occurred_at, rules.CLOCK_ORDER.index(kind))
    found = session.get(BoardClock, event["clock_id"])
    if found is None:
        found = BoardClock(clock_id=event["clock_id"], petition_id=event["petition_id"], late=False)
        session.add(found)
        known = None
    else:
        known = (found.said_at, found.said_rank, found.due_on, found.holder)
    if known is None or (*said, event["due_on"], event["holder"]) > known:
        found.said_at, found.said_rank = said
        found.duty, found.holder, found.due_on = event["duty"], event["holder"], event["due_on"]
    found.stopped_on = ended.get("stopped_on") or found.stopped_on
    found.late = found.late or ended.get("late", False)
    return found.late
