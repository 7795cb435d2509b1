"""Proposals to close, their checks, replies and ratings."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.assignment.base import Base
from shared.db.base import BigKey


class ClosingCheck(Base):
    """One level passed a proposal or sent it back, with the reasons."""

    __tablename__ = "closing_check"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    closing_id: Mapped[UUID] = mapped_column(ForeignKey("closing.id"), index=True)
    level: Mapped[int]
    passed: Mapped[bool]
    reasons: Mapped[str | None] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class Closing(Base):
    """A proposal to close a case; the newest of a case is the one that is checked."""

    __tablename__ = "closing"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"))
    proposal: Mapped[int]  # from 1 in each case
    round: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(20))
    conclusion: Mapped[str] = mapped_column(Text)
    why_not_met: Mapped[str | None] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(64))
    unit: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    checks: Mapped[list[ClosingCheck]] = relationship(order_by=ClosingCheck.id, lazy="selectin")

    __table_args__ = (UniqueConstraint("case_id", "proposal"),)


class Reply(Base):
    """How a petitioner was told the result of a round, or that it could not be told."""

    __tablename__ = "reply"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    round: Mapped[int]
    means: Mapped[str] = mapped_column(String(16))
    replied_on: Mapped[date]
    tried_on: Mapped[list[str]]  # ISO dates, of `unreachable` only
    by: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime]


class Rating(Base):
    """How the petitioner rated a round; the first word counts."""

    __tablename__ = "rating"

    petition_id: Mapped[UUID] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    rating: Mapped[str] = mapped_column(String(16))
    rated_at: Mapped[datetime]
