"""What intake knows of the duties on its petitions."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.progress.models import ProgressClock, ProgressStep


def open_clocks(session: Session, petition_ids: Sequence[UUID], duty: str) -> dict[UUID, ProgressClock]:
    """The clock of a duty that runs on each of some petitions; the one that ends first."""
    running = select(ProgressClock).where(
        ProgressClock.petition_id.in_(petition_ids),
        ProgressClock.duty == duty,
        ProgressClock.stopped_on.is_(None),
    )
    rows = session.scalars(running.order_by(ProgressClock.due_on.desc()))
    return {clock.petition_id: clock for clock in rows}


def clocks_of(session: Session, petition_id: UUID) -> Sequence[ProgressClock]:
    """The clocks that run on a petition, what is due first before the others."""
    running = select(ProgressClock).where(
        ProgressClock.petition_id == petition_id, ProgressClock.stopped_on.is_(None)
    )
    return session.scalars(running.order_by(ProgressClock.due_on, ProgressClock.duty)).all()


def steps_of(session: Session, petition_id: UUID) -> Sequence[ProgressStep]:
    """What happened to a petition outside intake."""
    steps = select(ProgressStep).where(ProgressStep.petition_id == petition_id)
    return session.scalars(steps.order_by(ProgressStep.at)).all()
