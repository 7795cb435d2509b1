"""What notify knows of each matter that may be shared, and the extracts that were made of it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.base import Base


class Matter(Base):
    """An accepted petition as events tell it. Nothing in it names anybody."""

    __tablename__ = "matter"

    petition_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32))
    category: Mapped[str] = mapped_column(String(16))
    procedure: Mapped[str] = mapped_column(String(20))
    township: Mapped[str] = mapped_column(String(16))
    content_class: Mapped[str | None] = mapped_column(String(16))
    received_on: Mapped[date]
    outcome: Mapped[str | None] = mapped_column(String(32))  # of the last round that was closed
    closed_at: Mapped[datetime | None]


class Extract(Base):
    """An extract for one agency. `content`, `summary`, `asked` and `answer` are gone once it has ended."""

    __tablename__ = "extract"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    list_key: Mapped[str] = mapped_column(String(80), unique=True)  # when it was drafted, then id
    state: Mapped[str] = mapped_column(String(8))
    petition_id: Mapped[UUID] = mapped_column(index=True)
    number: Mapped[str] = mapped_column(String(32))
    agency: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(16))
    basis: Mapped[str] = mapped_column(String(16))
    parts: Mapped[list[str]]
    content: Mapped[dict[str, Any] | None]  # part -> what the agency may read, frozen when it was issued
    summary: Mapped[str | None] = mapped_column(Text)
    asked: Mapped[str | None] = mapped_column(Text)
    answer_by: Mapped[date]
    expires_on: Mapped[date] = mapped_column(index=True)
    drafted_by: Mapped[str] = mapped_column(String(64))
    issued_by: Mapped[str | None] = mapped_column(String(64))
    issued_at: Mapped[datetime | None]
    read_by: Mapped[str | None] = mapped_column(String(64))
    read_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(64))
    answered_at: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(String(16))
    answer: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(64))
    recalled_for: Mapped[str | None] = mapped_column(String(16))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index("ix_extract_agency_list_key", "agency", "list_key"),)
