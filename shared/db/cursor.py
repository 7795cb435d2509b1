"""How far catch-up has compared the outbox of each producer."""

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import SharedBase


class CatchUpCursor(SharedBase):
    """How far the outbox of a producer was compared, for which set of events."""

    __tablename__ = "catch_up_cursor"

    producer: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    subscription: Mapped[str] = mapped_column(String(64))
