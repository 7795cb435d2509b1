"""What petitioners have asked for."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.base import Base


class PetitionerRequest(Base):
    """One request and its answer; both texts leave intake in no event."""

    __tablename__ = "petitioner_request"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    list_key: Mapped[str] = mapped_column(String(64), unique=True)  # by time
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20), index=True)
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), index=True)
    made_at: Mapped[datetime]
    due_on: Mapped[date | None]
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[str | None] = mapped_column(String(64))  # post; None where it was done as asked
    answered_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
