"""The handling record."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.assignment.base import Base


class HandlingEntry(Base):
    """One thing that was done. Never altered: a correction is a new entry that names the old."""

    __tablename__ = "handling_entry"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"))
    place: Mapped[int]  # from 1 in each case
    round: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    occurred_on: Mapped[date]
    text: Mapped[str] = mapped_column(Text)
    corrects: Mapped[UUID | None] = mapped_column(ForeignKey("handling_entry.id"))
    by: Mapped[str] = mapped_column(String(64), index=True)
    unit: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("case_id", "place"),)
