"""The roster and its history, stand-ins, and the units and townships that it may name."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.assignment.base import Base


class Roster(Base):
    """The one row that every change of the roster moves on, so that two at once are noticed."""

    __tablename__ = "roster"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class RosterEntry(Base):
    """Who answers for a township from a first to a last day (none: open); replaced ones stay on file."""

    __tablename__ = "roster_entry"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    township: Mapped[str] = mapped_column(String(16))
    leader: Mapped[str] = mapped_column(String(64))
    office: Mapped[str] = mapped_column(String(64))
    team: Mapped[str] = mapped_column(String(64))
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    decided_by: Mapped[str] = mapped_column(String(64))
    decided_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "ix_roster_entry_in_force",
            "township",
            "valid_from",
            unique=True,
            postgresql_where=text("replaced_at IS NULL"),
            sqlite_where=text("replaced_at IS NULL"),
        ),
    )


class StandIn(Base):
    """A leader who may act in the cases of an absent one, from a first to a last day."""

    __tablename__ = "stand_in"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    leader: Mapped[str] = mapped_column(String(64), index=True)
    stand_in: Mapped[str] = mapped_column(String(64), index=True)
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    recorded_by: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime]


class Unit(Base):
    """A unit of the county, by its kind."""

    __tablename__ = "unit"

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), index=True)


class Township(Base):
    """A township of the county and its collaboration zone."""

    __tablename__ = "township"

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    zone: Mapped[str] = mapped_column(String(64))
