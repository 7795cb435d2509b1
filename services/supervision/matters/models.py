"""Facts about petitions as events brought them, in whatever order, and who has a petition now."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.supervision.base import Base


class Matter(Base):
    """A petition that something was heard of; what no event has said yet is None."""

    __tablename__ = "matter"

    petition_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32))
    township: Mapped[str | None] = mapped_column(String(16), index=True)  # known once accepted
    leader: Mapped[str | None] = mapped_column(String(64), index=True)
    office: Mapped[str | None] = mapped_column(String(64), index=True)
    team: Mapped[str | None] = mapped_column(String(64), index=True)
    withdrawn: Mapped[bool] = mapped_column(default=False)


class Fact(Base):
    """One thing that happened to a petition: codes, dates and ids only. `ref` tells two of a kind apart."""

    __tablename__ = "fact"

    petition_id: Mapped[UUID] = mapped_column(ForeignKey("matter.petition_id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]]

    matter: Mapped[Matter] = relationship()  # which is written before
