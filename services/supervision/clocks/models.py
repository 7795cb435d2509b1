"""Clocks, who held each when, and the extensions and pauses that people asked for and decided."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.supervision.base import Base
from services.supervision.clocks.rules import Light, light
from services.supervision.matters.models import Matter
from services.supervision.terms.models import DutyTerm
from shared import clock


class Clock(Base):
    """One duty's clock. `unit` and `length` are of its term as it stood when the clock started.

    first_due_on stays on file; due_on moves. given_on: the date that the duty brings itself.
    waits_for_year: the year whose calendar, once published, may move it. yellow_on, orange_on: when its
    light turns. look_again_on: when the watch has something to do; None where it has not.
    """

    __tablename__ = "clock"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("matter.petition_id"), index=True)
    number: Mapped[str] = mapped_column(String(32))
    duty: Mapped[str] = mapped_column(String(16))
    ref: Mapped[str] = mapped_column(String(64))
    term_id: Mapped[int] = mapped_column(ForeignKey("duty_term.id"))
    unit: Mapped[str] = mapped_column(String(16))
    length: Mapped[int | None]
    superior_assigned: Mapped[bool]
    holder: Mapped[str] = mapped_column(String(64))
    started_on: Mapped[date]
    first_due_on: Mapped[date]
    due_on: Mapped[date]
    first_given_on: Mapped[date | None]
    given_on: Mapped[date | None]
    planned_on: Mapped[date | None]
    waits_for_year: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(8))
    stopped_on: Mapped[date | None]
    done: Mapped[bool] = mapped_column(default=False)
    late: Mapped[bool] = mapped_column(default=False)  # settled when it stops
    yellow_on: Mapped[date]
    orange_on: Mapped[date]
    warned: Mapped[list[str]]
    expired_on: Mapped[date | None]  # the first day of being late, once seen
    look_again_on: Mapped[date | None]
    list_key: Mapped[str] = mapped_column(String(60), unique=True)
    version: Mapped[int] = mapped_column()

    matter: Mapped[Matter] = relationship()
    term: Mapped[DutyTerm] = relationship(lazy="joined", innerjoin=True)
    holdings: Mapped[list["Holding"]] = relationship(
        order_by="Holding.place", cascade="all, delete-orphan", lazy="selectin"
    )
    pauses: Mapped[list["Pause"]] = relationship(
        order_by="Pause.paused_on, Pause.id", cascade="all, delete-orphan", lazy="selectin"
    )
    requests: Mapped[list["ClockRequest"]] = relationship(
        order_by="ClockRequest.asked_at", cascade="all, delete-orphan", back_populates="clock"
    )

    @property
    def light(self) -> Light | None:
        """Its light today; None where it has stopped."""
        return light(self, clock.today())

    @property
    def is_late(self) -> bool:
        """Whether it stopped after its last day, or runs beyond it."""
        return self.late or self.light is Light.RED

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        UniqueConstraint("petition_id", "duty", "ref"),
        Index(
            "ix_clock_to_look_at",
            "look_again_on",
            postgresql_where=text("look_again_on IS NOT NULL"),
            sqlite_where=text("look_again_on IS NOT NULL"),
        ),
        Index("ix_clock_waits_for_year", "waits_for_year"),
        Index("ix_clock_holder_list_key", "holder", "list_key"),
        # What the lights are counted from, of the few clocks that have not stopped (queries.unfinished).
        Index(
            "ix_clock_unfinished",
            "holder",
            "duty",
            "state",
            "yellow_on",
            "orange_on",
            "due_on",
            "petition_id",
            postgresql_where=text("list_key < '1'"),
            sqlite_where=text("list_key < '1'"),
        ),
        Index("ix_clock_due_on", "due_on"),
    )


class Holding(Base):
    """A unit held a duty from one day to another; until is None while it holds it."""

    __tablename__ = "holding"

    clock_id: Mapped[UUID] = mapped_column(ForeignKey("clock.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(64))
    since: Mapped[date]
    until: Mapped[date | None]


class ClockRequest(Base):
    """An extension or a pause that was asked for, and what the head decided. Its texts stay here.

    list_key grows with the moment in which it was asked for.
    """

    __tablename__ = "clock_request"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    clock_id: Mapped[UUID] = mapped_column(ForeignKey("clock.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    list_key: Mapped[str] = mapped_column(String(64), unique=True)
    days: Mapped[int | None]  # of an extension: calendar days
    reason: Mapped[str | None] = mapped_column(String(20))  # of a pause: a code
    reasons: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(String(64))
    asked_unit: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None]
    decision_reasons: Mapped[str | None] = mapped_column(Text)
    told_on: Mapped[date | None]  # the petitioner was told the reasons
    version: Mapped[int] = mapped_column()

    clock: Mapped[Clock] = relationship(back_populates="requests")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index("ix_clock_request_state_list_key", "state", "list_key"),)


class Pause(Base):
    """A clock stood still from one day to another; resumed_on is None while it does."""

    __tablename__ = "pause"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    clock_id: Mapped[UUID] = mapped_column(ForeignKey("clock.id"), index=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("clock_request.id"))
    reason: Mapped[str] = mapped_column(String(20))
    paused_on: Mapped[date]
    resumed_on: Mapped[date | None]
    resumed_by: Mapped[str | None] = mapped_column(String(64))

    request: Mapped[ClockRequest] = relationship()
