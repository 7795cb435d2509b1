"""The notices of every unit, and which petitions arrived on which day."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.base import Base


class Notice(Base):
    """One event for one unit. Its text is made when it is shown, from `kind`, number and dates.

    `reference` is the petition's number, or what else the event is about: a month, a township code.
    `list_key` sorts unread ones before read ones, and the newest first, when read backwards.
    """

    __tablename__ = "notice"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(64))
    event_id: Mapped[str] = mapped_column(String(255))
    petition_id: Mapped[UUID] = mapped_column(index=True, nullable=True)
    reference: Mapped[str | None] = mapped_column(String(64))
    due_on: Mapped[date | None]
    day: Mapped[date | None]  # only of a day's count of arrivals
    occurred_at: Mapped[datetime]
    noted_at: Mapped[datetime]  # when it came into the inbox
    read_at: Mapped[datetime | None]
    list_key: Mapped[str] = mapped_column(String(80), unique=True)
    digest_id: Mapped[UUID | None] = mapped_column(index=True)  # the e-mail that announced it

    __table_args__ = (
        UniqueConstraint("event_id", "unit"),
        Index("ix_notice_unit_list_key", "unit", "list_key"),
        Index("ix_notice_read_at_digest_id", "read_at", "digest_id"),
    )


class Arrival(Base):
    """A registered petition and the county's day on which it was registered."""

    __tablename__ = "arrival"

    petition_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(index=True)
