"""Readings, signed instructions and the delegations on which a deputy signs."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.base import Base


class Delegation(Base):
    """From and until when (both days included) a deputy reads for the head."""

    __tablename__ = "delegation"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deputy: Mapped[str] = mapped_column(String(64), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    given_by: Mapped[str] = mapped_column(String(64))
    given_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class Reading(Base):
    """The first reading of a petition: there is one."""

    __tablename__ = "reading"

    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    read_by: Mapped[str] = mapped_column(String(64))
    delegation_id: Mapped[UUID | None] = mapped_column(ForeignKey("delegation.id"))
    read_at: Mapped[datetime]


class Instruction(Base):
    """A signed instruction. It is never changed: an amendment is a new one."""

    __tablename__ = "instruction"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    addressee: Mapped[str] = mapped_column(String(64))
    due_on: Mapped[date | None]
    signed_by: Mapped[str] = mapped_column(String(64))
    delegation_id: Mapped[UUID | None] = mapped_column(ForeignKey("delegation.id"))
    # Unique: of two who amend the same one at once, the later is told.
    amends: Mapped[UUID | None] = mapped_column(ForeignKey("instruction.id"), unique=True)
    signed_at: Mapped[datetime]
