"""The read model: one row per petition and one per clock, merged from events in whatever order they come."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reporting.base import Base
from shared.db.base import BigKey


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
        *(
            Index(f"ix_board_petition_{column}_list_key", column, "list_key")
            for column in ("township", "leader", "office", "team", "content_class", "month", "state")
        ),
        # What the board counts anew each day, without a look at the rows.
        Index(
            "ix_board_petition_due_on",
            "due_on",
            postgresql_where=text("due_on IS NOT NULL"),
            sqlite_where=text("due_on IS NOT NULL"),
            postgresql_include=[
                "registered_on",
                "withdrawn",
                "accepted_on",
                "township",
                "leader",
                "office",
                "team",
                "content_class",
                "month",
            ],
        ),
    )


class BoardCount(Base):
    """What petitions of one cell add to the board's counts, or take away: the sum of all rows counts.

    A change of a petition adds rows and alters none, so that no two changes wait for each other; the
    rows of a cell are summed up to one now and then (counts.py). The board reads these thousands of rows
    and not the millions of petitions.
    """

    __tablename__ = "board_count"
    __table_args__ = {"info": {"ledger": False}}  # made of the petitions, and made anew every few seconds

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    cell: Mapped[str] = mapped_column(String(400), index=True)  # the columns below in one text

    month: Mapped[str] = mapped_column(String(7))
    township: Mapped[str | None] = mapped_column(String(64))
    leader: Mapped[str | None] = mapped_column(String(64))
    office: Mapped[str | None] = mapped_column(String(64))
    team: Mapped[str | None] = mapped_column(String(64))
    content_class: Mapped[str | None] = mapped_column(String(64))
    accepted: Mapped[bool]  # before that a township sees none of it

    registered: Mapped[int]
    open: Mapped[int]
    running: Mapped[int]
    repeated: Mapped[int]
    resolved: Mapped[int]
    on_time: Mapped[int]
    upheld: Mapped[int]
    rated: Mapped[int]
    satisfied: Mapped[int]


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
