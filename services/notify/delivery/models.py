"""The e-mails of this installation: one row each, so that a crash forgets none."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.base import Base


class Digest(Base):
    """One e-mail to one unit about all that is new in its inbox."""

    __tablename__ = "digest"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(100))  # a code, never the server's words
    failed_key: Mapped[str | None] = mapped_column(String(80), unique=True)  # of a failed one: sorts the list

    __table_args__ = (Index("ix_digest_state_next_attempt_at", "state", "next_attempt_at"),)
