"""Reading the decisions on a petition."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.screening.models import Screening


def decisions_on(session: Session, petition_id: UUID) -> Sequence[Screening]:
    """Every decision on a petition, the oldest first."""
    kept = select(Screening).where(Screening.petition_id == petition_id)
    return session.scalars(kept.order_by(Screening.id)).all()
