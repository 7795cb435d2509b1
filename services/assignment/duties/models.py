"""The clocks of supervision that run on a case, each as of the newest word of it; none is computed here."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from services.assignment.base import Base


class DutyClock(Base):
    """One duty's clock. Kept by petition, so that it waits here when it comes before the case.

    as_of, word: the moment and the kind of the newest event that is known; what is older changes nothing.
    """

    __tablename__ = "duty_clock"

    clock_id: Mapped[UUID] = mapped_column(primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(index=True)
    duty: Mapped[str] = mapped_column(String(16))
    holder: Mapped[str] = mapped_column(String(64))
    due_on: Mapped[date]
    started_on: Mapped[date | None]  # told by its start only
    stopped: Mapped[bool]
    as_of: Mapped[datetime]
    word: Mapped[str] = mapped_column(String(8))
