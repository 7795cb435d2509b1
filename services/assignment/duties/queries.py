"""Reading what is due in a case."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from services.assignment.duties.models import DutyClock
from services.assignment.duties.rules import Due, next_due


def due_next(session: Session, petition_id: UUID) -> Due | None:
    """What is due next of a petition's running clocks, None where nothing is."""
    running = select(DutyClock).where(DutyClock.petition_id == petition_id, DutyClock.stopped.is_(False))
    return next_due(Due(found.due_on, found.duty) for found in session.scalars(running))


def running(session: Session, petition_id: UUID) -> Sequence[DutyClock]:
    """The clocks that run, what is due first in front."""
    statement = select(DutyClock).where(DutyClock.petition_id == petition_id, DutyClock.stopped.is_(False))
    return session.scalars(statement.order_by(DutyClock.due_on, DutyClock.duty)).all()


def last_day_of_handling(session: Session, petition_id: UUID, since: date | None) -> date | None:
    """The last day of handling, of clocks that started on `since` or later where it is given."""
    days = select(func.max(DutyClock.due_on)).where(
        DutyClock.petition_id == petition_id, DutyClock.duty == "handling"
    )
    if since:
        days = days.where(or_(DutyClock.started_on.is_(None), DutyClock.started_on >= since))
    return session.scalar(days)
