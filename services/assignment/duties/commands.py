"""Keeping what a case shows of its duties in step with the clocks."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.assignment.cases.models import Case
from services.assignment.duties.queries import due_next
from services.assignment.duties.rules import due_key


def refresh(session: Session, petition_id: UUID) -> None:
    """Write what is due next to the petition's case, where it has one.

    By table, not by object: a date that moves is no step on the case, and must not make the version stale
    that somebody is reading.
    """
    row = session.execute(
        select(Case.number, Case.superior_assigned).where(Case.petition_id == petition_id)
    ).one_or_none()
    if row is None:
        return
    due = due_next(session, petition_id)
    session.execute(
        update(Case.__table__)  # type: ignore[arg-type]
        .where(Case.petition_id == petition_id)
        .values(
            next_duty=due.duty if due else None,
            next_due_on=due.on if due else None,
            due_key=due_key(due, row.number, superior_assigned=row.superior_assigned),
        )
    )
