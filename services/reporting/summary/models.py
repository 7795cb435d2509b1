"""Issued summaries, and what each counted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.reporting.base import Base


class Summary(Base):
    """One issued summary. `document` is its figures as JSON text, byte for byte what `sha256` is of.

    `public_document` is the one form of it that may leave the commission, the same for every reader.
    """

    __tablename__ = "summary"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    month: Mapped[str] = mapped_column(String(7), unique=True)
    issued_at: Mapped[datetime]
    issued_by: Mapped[str] = mapped_column(String(64))
    document: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    public_document: Mapped[str] = mapped_column(Text)
    public_sha256: Mapped[str] = mapped_column(String(64))


class SummaryEntry(Base):
    """A petition that a summary counted, frozen with it: for a reader whom a recusal keeps out of it
    the figures are made of the others."""

    __tablename__ = "summary_entry"

    summary_id: Mapped[UUID] = mapped_column(ForeignKey("summary.id"), primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(primary_key=True)
    township: Mapped[str | None] = mapped_column(String(64))
    leader: Mapped[str | None] = mapped_column(String(64))
    content_class: Mapped[str | None] = mapped_column(String(64))
    marks: Mapped[list[str]]
