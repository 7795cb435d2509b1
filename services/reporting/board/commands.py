"""Merges what an event says into the read model. Any order, any number of times: the same board.

Of two events that speak of the same columns the newer wins; what only adds (late, closed) is never undone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.reporting.board import rules
from services.reporting.board.counts import following
from services.reporting.board.models import BoardClock, BoardPetition
from services.reporting.board.rules import State
from shared import clock
from shared.bus.handlers import Event
from shared.contracts.assignment import SEATS
from shared.db.hold import hold
from shared.db.once import once
from shared.identity.recusal import exclude

DESCRIPTION = ("organ", "signature", "township", "content_class", "superior_assigned", "received_on")


@contextmanager
def changing(session: Session, event: Event) -> Iterator[BoardPetition]:
    """The row of an event's petition, to be changed inside the block: the board's counts follow it.

    A new, still uncounted row where nothing was heard of the petition yet.
    """
    petition = hold(session, BoardPetition, event["petition_id"], lambda: _unheard_of(event))
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
        clocks = once(session, f"clocks of {petition.petition_id}", lambda: _clocks(session, petition))
        merged = _merge(clocks, event, kind, **ended)
        session.add(merged)
        petition.due_on = min((each.due_on for each in clocks if each.stopped_on is None), default=None)
        petition.was_late = petition.was_late or merged.late


def _clocks(session: Session, petition: BoardPetition) -> list[BoardClock]:
    """All of a held petition's."""
    if petition in session.new:
        return []
    with session.no_autoflush:
        return list(session.scalars(select(BoardClock).where(BoardClock.petition_id == petition.petition_id)))


def _merge(clocks: list[BoardClock], event: Event, kind: str, **ended: Any) -> BoardClock:
    """Merge an event into its clock, one of these or one more."""
    said = (event.occurred_at, rules.CLOCK_ORDER.index(kind))
    found = next((each for each in clocks if each.clock_id == event["clock_id"]), None)
    if found is None:
        found = BoardClock(clock_id=event["clock_id"], petition_id=event["petition_id"], late=False)
        clocks.append(found)
        known = None
    else:
        known = (found.said_at, found.said_rank, found.due_on, found.holder)
    if known is None or (*said, event["due_on"], event["holder"]) > known:
        found.said_at, found.said_rank = said
        found.duty, found.holder, found.due_on = event["duty"], event["holder"], event["due_on"]
    found.stopped_on = ended.get("stopped_on") or found.stopped_on
    found.late = found.late or ended.get("late", False)
    return found
