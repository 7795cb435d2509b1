"""The files of petitions.

They lie in the database, so that a backup has them and that it is alike on SQLite and PostgreSQL. The
bytes are in a table of their own, which is read only where a file is given out, and then in one go.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.base import Base

PETITIONER = "petitioner"  # in `by`, in place of a post


class Attachment(Base):
    """One file. `name` is as its sender called it and may name a person: no header, log or event has it."""

    __tablename__ = "attachment"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), index=True)
    place: Mapped[int]  # among the files of the petition, from 1
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))  # with which it came
    by: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(8))
    size: Mapped[int]  # bytes of the original
    sha256: Mapped[str] = mapped_column(String(64))  # of the original
    copy_kind: Mapped[str | None] = mapped_column(String(8))  # of the cleaned copy, where there is one
    scan: Mapped[str] = mapped_column(String(12))  # rules.Scan
    scanned_at: Mapped[datetime | None]
    added_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("petition_id", "place"),  # of two at once, the later is told
        Index(
            "ix_attachment_to_be_scanned",
            "scanned_at",
            postgresql_where=sql("scan IN ('waiting', 'failed')"),
            sqlite_where=sql("scan IN ('waiting', 'failed')"),
        ),
    )


class AttachmentContent(Base):
    """The bytes, sealed: the original as it came (`clean` false), and the cleaned copy (see rules.Kind).

    The original opens with the petition's key of its person, the copy with that of its files.
    """

    __tablename__ = "attachment_content"

    attachment_id: Mapped[UUID] = mapped_column(ForeignKey("attachment.id"), primary_key=True)
    clean: Mapped[bool] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
