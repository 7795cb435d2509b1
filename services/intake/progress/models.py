"""Intake's projection of what assignment and supervision do with its petitions.

Rows exist only for petitions of this intake. Each field remembers as of which moment it holds, so that
an older event that arrives late changes nothing.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.base import Base


class Progress(Base):
    """Who is in charge of a petition and how far it is."""

    __tablename__ = "progress"

    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    leader: Mapped[str | None] = mapped_column(String(64), index=True)
    office: Mapped[str | None] = mapped_column(String(64), index=True)
    team: Mapped[str | None] = mapped_column(String(64), index=True)
    in_charge_since: Mapped[datetime | None]
    round: Mapped[int] = mapped_column(default=1)
    handled_on: Mapped[date | None]
    plan_version: Mapped[int] = mapped_column(default=0)
    plan_due_on: Mapped[date | None]
    closed_round: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str | None] = mapped_column(String(32))
    replied_round: Mapped[int] = mapped_column(default=0)


class ProgressStep(Base):
    """One line of the history that the petitioner sees: a code and a day. (`kind`, `mark`) is told once."""

    __tablename__ = "progress_step"

    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    on: Mapped[date]
    at: Mapped[datetime]


class ProgressClock(Base):
    """A date that applies: one duty's clock at supervision."""

    __tablename__ = "progress_clock"

    clock_id: Mapped[UUID] = mapped_column(primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), index=True)
    duty: Mapped[str] = mapped_column(String(32))
    due_on: Mapped[date]
    moved_at: Mapped[datetime | None]
    stopped_on: Mapped[date | None]
    done: Mapped[bool | None]

    __table_args__ = (
        Index(
            "ix_progress_clock_running",
            "duty",
            "due_on",
            "petition_id",
            postgresql_where=text("stopped_on IS NULL"),
            sqlite_where=text("stopped_on IS NULL"),
        ),
    )
