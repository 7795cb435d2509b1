"""The register of petitions, the numbers given so far and the query codes."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.base import Base


class Petition(Base):
    """One petition. Who brought it is not here: see identities."""

    __tablename__ = "petition"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    organ: Mapped[str] = mapped_column(String(16))
    signature: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    township: Mapped[str | None] = mapped_column(String(16), index=True)
    place: Mapped[str | None] = mapped_column(String(200))
    content_class: Mapped[str | None] = mapped_column(String(16))
    complained_of: Mapped[str | None] = mapped_column(String(300))
    petitioner_count: Mapped[int] = mapped_column(default=1)
    superior_assigned: Mapped[bool] = mapped_column(default=False)
    source_number: Mapped[str | None] = mapped_column(String(100), index=True)
    received_on: Mapped[date]
    registered_at: Mapped[datetime]
    registered_by: Mapped[str] = mapped_column(String(64))
    category: Mapped[str | None] = mapped_column(String(16))
    procedure: Mapped[str | None] = mapped_column(String(20))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index("ix_petition_township_number", "township", "number"),)


class NumberSeries(Base):
    """The last number given in a year; its row is locked while a number is taken, so none is skipped."""

    __tablename__ = "number_series"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class QueryCode(Base):
    """The keyed hash of a query code; the code itself is shown once and kept nowhere."""

    __tablename__ = "query_code"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), index=True)
    issued_at: Mapped[datetime]
