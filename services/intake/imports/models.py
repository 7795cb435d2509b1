"""The imports of the clerks: the file as it was sent, what became of its rows, and what is known already.

The file lies in the database because web and worker may run on different machines.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.base import Base
from shared.db.base import Json


class Import(Base):
    """One file. `state`: see rules.State; `next_row` is the last row of the file that was dealt with.

    What came out of the file (its name, header, first rows) goes with it; the counts stay.
    """

    __tablename__ = "import"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    list_key: Mapped[str] = mapped_column(String(64), unique=True)  # by time
    by: Mapped[str] = mapped_column(String(64))  # post
    state: Mapped[str] = mapped_column(String(16), index=True)
    filename: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]  # bytes
    created_at: Mapped[datetime]
    moved_at: Mapped[datetime | None]  # when a worker last dealt with rows of it
    done_at: Mapped[datetime | None]

    header: Mapped[list[str]]
    header_row: Mapped[int]
    claimed_rows: Mapped[int | None]
    other_sheets: Mapped[list[str]]
    preview: Mapped[list[Any]] = mapped_column(Json)  # the first rows as texts

    mapping: Mapped[dict[str, Any]]  # field to column, from 0; a proposal until it is confirmed
    channel: Mapped[str] = mapped_column(String(16))  # of rows that name none
    organ: Mapped[str] = mapped_column(String(16))
    received_on: Mapped[date | None]  # of rows that name no day
    accept_as: Mapped[str | None] = mapped_column(String(16))  # category, where all were screened before

    next_row: Mapped[int]
    rows: Mapped[int] = mapped_column(default=0)  # filled ones
    registered: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)  # registered before, by whatever import
    refused: Mapped[int] = mapped_column(default=0)
    warned: Mapped[int] = mapped_column(default=0)  # registered with a warning
    blank: Mapped[int] = mapped_column(default=0)

    failures: Mapped[int] = mapped_column(default=0)  # of our own, at the same rows
    message: Mapped[str | None] = mapped_column(Text)  # msgid: why it stopped
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class ImportPiece(Base):
    """A piece of the file, of rules.PIECE bytes or what is left."""

    __tablename__ = "import_piece"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("import.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class ImportFinding(Base):
    """Something to be told about a row: an error (it was refused), a warning, or that it was known.

    It names the column and what to write, never what stands in the cell.
    """

    __tablename__ = "import_finding"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("import.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(24), primary_key=True)  # by row
    row: Mapped[int]
    column: Mapped[str] = mapped_column(String(80))
    code: Mapped[str] = mapped_column(String(40))
    severity: Mapped[str] = mapped_column(String(8))
    message: Mapped[str] = mapped_column(Text)  # msgid
    params: Mapped[dict[str, Any]]


class ImportMark(Base):
    """What an import has registered, known again by keyed hashes: of the row's values, of its number.

    They outlive the file, so that the same row is never registered twice.
    """

    __tablename__ = "import_mark"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), index=True)
    import_id: Mapped[UUID]
    row: Mapped[int]
