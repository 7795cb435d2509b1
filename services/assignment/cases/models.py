"""Cases, what happened to them by code, recusals, hand-overs, and what intake says of them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from services.assignment.base import Base
from shared.db.base import BigKey

IN_HAND = "state IN ('open', 'handling', 'proposed', 'checked') OR next_duty IS NOT NULL"


class Case(Base):
    """A petition that a leader has taken charge of. Its text and its petitioner stay with intake."""

    __tablename__ = "case"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(unique=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    round: Mapped[int] = mapped_column(default=1)
    round_started_on: Mapped[date]
    category: Mapped[str] = mapped_column(String(16))
    procedure: Mapped[str] = mapped_column(String(20))
    organ: Mapped[str] = mapped_column(String(16))
    signature: Mapped[str] = mapped_column(String(16))
    township: Mapped[str] = mapped_column(String(16))
    content_class: Mapped[str | None] = mapped_column(String(16))
    superior_assigned: Mapped[bool]
    received_on: Mapped[date]
    accepted_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    leader: Mapped[str] = mapped_column(String(64))
    office: Mapped[str] = mapped_column(String(64))
    team: Mapped[str] = mapped_column(String(64))
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("roster_entry.id"))  # by which line it was routed
    plan_version: Mapped[int | None]  # the plan in force, if any
    outcome: Mapped[str | None] = mapped_column(String(20))
    closed_at: Mapped[datetime | None]
    next_duty: Mapped[str | None] = mapped_column(String(16))  # by supervision's clocks, as is its last day
    next_due_on: Mapped[date | None] = mapped_column(index=True)
    due_key: Mapped[str] = mapped_column(String(48), unique=True)  # duties/rules.py
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("ix_case_state_entry", "state", "entry_id"),
        Index("ix_case_leader_number", "leader", "number"),
        Index("ix_case_office_number", "office", "number"),
        Index("ix_case_team_number", "team", "number"),
        Index("ix_case_township_number", "township", "number"),
        Index("ix_case_leader_due", "leader", "due_key"),
        Index("ix_case_office_due", "office", "due_key"),
        Index("ix_case_team_due", "team", "due_key"),
        Index("ix_case_township_due", "township", "due_key"),
        # The few cases of all in which something is left to do: queries.is_in_hand in the same words.
        Index("ix_case_in_hand", "due_key", postgresql_where=sql(IN_HAND), sqlite_where=sql(IN_HAND)),
    )


class CaseHistory(Base):
    """One thing that happened to a case: who, when, what; codes only."""

    __tablename__ = "case_history"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str | None] = mapped_column(String(64))  # the post; none: by rule
    what: Mapped[str] = mapped_column(String(32))
    detail: Mapped[dict[str, Any]]


class Recusal(Base):
    """Why a unit recused itself from a case; the reason stays here."""

    __tablename__ = "recusal"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    unit: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class HandOver(Base):
    """A case changed hands; those who have it now sign that they received it."""

    __tablename__ = "hand_over"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    reason: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    leader_before: Mapped[str] = mapped_column(String(64))
    office_before: Mapped[str] = mapped_column(String(64))
    team_before: Mapped[str] = mapped_column(String(64))
    leader: Mapped[str] = mapped_column(String(64))
    office: Mapped[str] = mapped_column(String(64))
    team: Mapped[str] = mapped_column(String(64))
    received_by: Mapped[str | None] = mapped_column(String(64))
    received_at: Mapped[datetime | None]


class InstructionReference(Base):
    """An instruction of the head about a petition; its text is fetched from intake by those entitled.

    Kept by petition, so that it waits here when it comes before the case is opened.
    """

    __tablename__ = "instruction_reference"

    instruction_id: Mapped[UUID] = mapped_column(primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(index=True)
    addressee: Mapped[str] = mapped_column(String(64))
    due_on: Mapped[date | None]
    signed_by: Mapped[str] = mapped_column(String(64))
    on_delegation: Mapped[bool]
    amends: Mapped[UUID | None]
    signed_at: Mapped[datetime]


class WithdrawnPetition(Base):
    """A petition that intake withdrew; it gets no case, also when that word comes first."""

    __tablename__ = "withdrawn_petition"

    petition_id: Mapped[UUID] = mapped_column(primary_key=True)
    withdrawn_at: Mapped[datetime]
