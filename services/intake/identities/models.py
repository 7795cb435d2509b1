"""The table of identities and the log of who looked at them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.base import Base
from shared.db.base import BigKey


class Identity(Base):
    """Who brought a petition: `place` 0, and for a joint one the other representatives from 1.

    An anonymous petition has no row.
    """

    __tablename__ = "identity"

    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str | None] = mapped_column(String(100))
    phone: Mapped[str | None] = mapped_column(String(40))
    id_number: Mapped[str | None] = mapped_column(String(40))
    address: Mapped[str | None] = mapped_column(String(300))
    phone_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    id_number_hash: Mapped[str | None] = mapped_column(String(64), index=True)


class IdentityAccess(Base):
    """One look at an identity, or one refusal."""

    __tablename__ = "identity_access"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), index=True)
    post: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(300))
    granted: Mapped[bool]
    at: Mapped[datetime]
