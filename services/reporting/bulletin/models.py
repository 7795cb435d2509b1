"""Issued bulletins with the file that was issued."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, deferred, mapped_column

from services.reporting.base import Base


class Bulletin(Base):
    """One issued bulletin. `file` is the Word document, byte for byte what `sha256` is of; it is never made
    again. `contents` is what it says, as JSON text, to be read on the screen."""

    __tablename__ = "bulletin"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    year: Mapped[int]
    serial: Mapped[int]
    month: Mapped[str] = mapped_column(String(7), unique=True)
    summary_id: Mapped[UUID] = mapped_column(ForeignKey("summary.id"))
    issued_at: Mapped[datetime]
    issued_by: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))
    contents: Mapped[str] = deferred(mapped_column(Text))
    file: Mapped[bytes] = deferred(mapped_column(LargeBinary))
