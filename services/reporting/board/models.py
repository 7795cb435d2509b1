"""The read model: one row per petition and one per clock, merged from events in whatever order they come."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.reporting.base import Base


class BoardPetition(Base):
    """What is known of a petition. It counts from when its registration is known until it is withdrawn.

    Each group of columns has the moment or the round that decides which of two events is the newer.
    """

    __tablename__ = "board_petition"

    petition_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32))
    list_key: Mapped[str] = mapped_column(String(80), unique=True)  # number, then id: unique, in order
    state: Mapped[str] = mapped_column(String(16))  # follows from the columns below
    withdrawn: Mapped[bool] = mapped_column(default=False)

    registered_on: Mapped[date | None]
    month: Mapped[str | None] = mapped_column(String(7))  # of registration, e.g. 2026-03

    described_at: Mapped[datetime | None]  # registration, or acceptance which may correct it
    channel: Mapped[str | None] = mapped_column(String(16))
    organ: Mapped[str | None] = mapped_column(String(16))
    signature: Mapped[str | None] = mapped_column(String(16))
    township: Mapped[str | None] = mapped_column(String(64))
    content_class: Mapped[str | None] = mapped_column(String(64))
    category: Mapped[str | None] = mapped_column(String(16))
    superior_assigned: Mapped[bool] = mapped_column(default=False)
    received_on: Mapped[date | None]

    screened_at: Mapped[datetime | None]
    screening: Mapped[str | None] = mapped_column(String(16))
    accepted_on: Mapped[date | None]
    declined_on: Mapped[date | None]
    transferred_on: Mapped[date | None]

    opened_on: Mapped[date | None]
    routed_at: Mapped[datetime | None]
    routed_rank: Mapped[int] = mapped_column(default=0)
    leader: Mapped[str | None] = mapped_column(String(64))
    office: Mapped[str | None] = mapped_column(String(64))
    team: Mapped[str | None] = mapped_column(String(64))
    reopened_round: Mapped[int] = mapped_column(default=0)
    closed_round: Mapped[int] = mapped_column(default=0)
    closed_on: Mapped[date | None]
    outcome: Mapped[str | None] = mapped_column(String(16))
    last_handled_on: Mapped[date | None]

    rated_round: Mapped[int] = mapped_column(default=0)
    rated_at: Mapped[datetime | None]
    rating: Mapped[str | None] = mapped_column(String(16))

    due_on: Mapped[date | None]  # the earliest last day of the clocks that run
    was_late: Mapped[bool] = mapped_column(default=False)  # of any clock, ever: closing does not erase it

    __table_args__ = (
        Index("ix_board_petition_township_list_key", "township", "list_key"),
        Index("ix_board_petition_leader_list_key", "leader", "list_key"),
        Index("ix_board_petition_office_list_key", "office", "list_key"),
        Index("ix_board_petition_team_list_key", "team", "list_key"),
        Index("ix_board_petition_due_on", "due_on"),
        # All that the board counts, so that it reads this and not the rows: ten times as quick on SQLite.
        Index(
            "ix_board_petition_counts",
            "township",
            "leader",
            "content_class",
            "month",
            "state",
            "due_on",
            "was_late",
            "outcome",
            "rating",
            "reopened_round",
            "registered_on",
            "withdrawn",
            "petition_id",
        ),
        Index("ix_board_petition_month", "month"),
    )


class BoardClock(Base):
    """One duty's clock as last heard. `said_at` and `said_rank`: which event that was."""

    __tablename__ = "board_clock"

    clock_id: Mapped[UUID] = mapped_column(primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(index=True)
    duty: Mapped[str] = mapped_column(String(16))
    holder: Mapped[str] = mapped_column(String(64))
    due_on: Mapped[date]
    said_at: Mapped[datetime]
    said_rank: Mapped[int]
    stopped_on: Mapped[date | None]
    late: Mapped[bool] = mapped_column(default=False)
