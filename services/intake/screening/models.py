"""Every screening decision: who, when, why."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.base import Base
from shared.db.base import BigKey


class Screening(Base):
    """One decision on a petition; never changed. `note` is free text and leaves intake in no event."""

    __tablename__ = "screening"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), index=True)
    step: Mapped[str] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    category: Mapped[str | None] = mapped_column(String(16))
    procedure: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(32))
    to_agency: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(Text)
