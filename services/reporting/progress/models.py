"""Messages that notify could not deliver."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from services.reporting.base import Base


class FailedMessage(Base):
    """A message given up after all its tries; `failed_at` is the last time that it was."""

    __tablename__ = "failed_message"

    notice_id: Mapped[UUID] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(String(64))
    failed_at: Mapped[datetime] = mapped_column(index=True)
