"""Supervision letters, the late duties that each lists, and the file that was issued."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from services.supervision.base import Base


class Letter(Base):
    """A letter to a unit. Once issued, `file` is the Word document, byte for byte what `sha256` is of."""

    __tablename__ = "letter"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    list_key: Mapped[str] = mapped_column(String(80), unique=True)  # when it was drafted, then id
    state: Mapped[str] = mapped_column(String(8))
    addressee: Mapped[str] = mapped_column(String(64))
    reply_by: Mapped[date]
    demand: Mapped[str | None] = mapped_column(Text)
    drafted_by: Mapped[str] = mapped_column(String(64))
    number: Mapped[str | None] = mapped_column(String(40), unique=True)
    year: Mapped[int | None]
    serial: Mapped[int | None]
    issued_at: Mapped[datetime | None]
    issued_by: Mapped[str | None] = mapped_column(String(64))
    sha256: Mapped[str | None] = mapped_column(String(64))
    file: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    replied_on: Mapped[date | None]
    reply: Mapped[str | None] = mapped_column(Text)
    reply_noted_by: Mapped[str | None] = mapped_column(String(64))
    version: Mapped[int] = mapped_column()

    items: Mapped[list["LetterItem"]] = relationship(
        order_by="LetterItem.due_on, LetterItem.number", cascade="all, delete-orphan", lazy="selectin"
    )

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index("ix_letter_addressee_list_key", "addressee", "list_key"),)


class LetterItem(Base):
    """A late duty in a letter, as it stood when the letter was drafted and again when it was issued.

    Its clock may be taken away later, as when the petition turns out to belong to the sealed route.
    """

    __tablename__ = "letter_item"

    letter_id: Mapped[UUID] = mapped_column(ForeignKey("letter.id"), primary_key=True)
    clock_id: Mapped[UUID] = mapped_column(primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(index=True)
    number: Mapped[str] = mapped_column(String(32))
    duty: Mapped[str] = mapped_column(String(16))
    due_on: Mapped[date]
