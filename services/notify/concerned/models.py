"""The units of the county with their addresses, and who is in charge of which petition now."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.base import Base


class Unit(Base):
    """A unit that can be told something; without an e-mail address it has its inbox only."""

    __tablename__ = "unit"

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), index=True)
    email: Mapped[str] = mapped_column(String(254), default="")


class InCharge(Base):
    """The route of a petition as last heard; a part that no event has named yet is None."""

    __tablename__ = "in_charge"

    petition_id: Mapped[UUID] = mapped_column(primary_key=True)
    leader: Mapped[str | None] = mapped_column(String(64))
    office: Mapped[str | None] = mapped_column(String(64))
    team: Mapped[str | None] = mapped_column(String(64))
    township: Mapped[str | None] = mapped_column(String(16))  # its code, not its unit
    routed_at: Mapped[datetime | None]
    withdrawn: Mapped[bool] = mapped_column(default=False)  # nothing more is told of it, whatever comes
