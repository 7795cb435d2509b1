"""What a recusal hides (M8): a unit that is complained of sees no row, no count and no date of it.

Each service keeps the list for the petitions that it knows, and every query asks `not_excluded`.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, String, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from shared.db.base import SharedBase
from shared.identity.roles import Viewer


class Exclusion(SharedBase):
    """A unit that may learn nothing of a petition."""

    __tablename__ = "exclusion"
    __table_args__ = {"info": {"ledger": True}}

    petition_id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)


def exclude(session: Session, petition_id: UUID, units: Iterable[str]) -> None:
    """Exclude units from a petition; those already excluded stay so."""
    wanted = set(units)
    if not wanted:  # of most petitions
        return
    for unit in wanted - excluded_units(session, petition_id):
        session.add(Exclusion(petition_id=petition_id, unit=unit))
    session.flush()


def excluded_units(session: Session, petition_id: UUID) -> set[str]:
    """The units that may learn nothing of a petition."""
    return set(session.scalars(select(Exclusion.unit).where(Exclusion.petition_id == petition_id)))


def not_excluded(column: InstrumentedAttribute[UUID], viewer: Viewer) -> ColumnElement[bool]:
    """The condition under which a row about a petition may be shown to, or counted for, a viewer."""
    return ~exists().where(Exclusion.petition_id == column, Exclusion.unit == viewer.unit)
