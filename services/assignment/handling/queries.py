"""Reading the handling record of a case."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.assignment.cases.models import Case
from services.assignment.handling.models import HandlingEntry
from services.assignment.handling.rules import WITH_PETITIONER


def entries_of(session: Session, case: Case) -> Sequence[HandlingEntry]:
    """All entries of all rounds, in the order in which they were recorded."""
    return session.scalars(
        select(HandlingEntry).where(HandlingEntry.case_id == case.id).order_by(HandlingEntry.place)
    ).all()


def last_place(session: Session, case: Case) -> int:
    """The place of the newest entry, 0 without any."""
    last = select(func.max(HandlingEntry.place)).where(HandlingEntry.case_id == case.id)
    return session.scalar(last) or 0


def met_petitioner(session: Session, case: Case) -> bool:
    """Whether the petitioner was spoken to in this round, by the record."""
    found = select(HandlingEntry.id).where(
        HandlingEntry.case_id == case.id,
        HandlingEntry.round == case.round,
        HandlingEntry.kind.in_(WITH_PETITIONER),
    )
    return session.scalar(found.limit(1)) is not None
