"""What supervision tells of a clock: units, dates and codes, no reasons."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from services.supervision.clocks.models import Clock
from shared import clock as time
from shared.contracts import supervision as contracts
from shared.contracts.registry import EventSchema
from shared.db.outbox import record


def started(session: Session, found: Clock) -> None:
    """Record `clock.started`."""
    _record(
        session,
        contracts.ClockStartedV1,
        found,
        started_on=found.started_on,
        provisional=found.waits_for_year is not None,
    )


def moved(session: Session, found: Clock, reason: str) -> None:
    """Record `clock.moved`."""
    data = {"first_due_on": found.first_due_on, "reason": reason, "moved_at": time.now()}
    _record(session, contracts.ClockMovedV1, found, **data)


def warned(session: Session, found: Clock, today: date) -> None:
    """Record `clock.warned`."""
    _record(session, contracts.ClockWarnedV1, found, days_left=(found.due_on - today).days)


def expired(session: Session, found: Clock) -> None:
    """Record `clock.expired`."""
    _record(session, contracts.ClockExpiredV1, found, expired_on=found.expired_on)


def stopped(session: Session, found: Clock) -> None:
    """Record `clock.stopped`."""
    ended = {"stopped_on": found.stopped_on, "done": found.done, "late": found.late}
    _record(session, contracts.ClockStoppedV1, found, **ended)


def _record(session: Session, schema: type[EventSchema], found: Clock, **data: Any) -> None:
    record(
        session,
        schema,
        subject=found.petition_id,
        petition_id=found.petition_id,
        number=found.number,
        clock_id=found.id,
        duty=found.duty,
        holder=found.holder,
        due_on=found.due_on,
        **data,
    )
