"""How far catch-up has compared the outbox of each producer, and how the producer answered last."""

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import SharedBase


class CatchUpCursor(SharedBase):
    """How far the outbox of a producer (`intake`, `/police/intake` of a partner) was compared, and for what.

    `asked_at` is the last time that it was asked, `answered_at` the last time that it answered to the end,
    `brought` how many events it then had for us that the bus had not brought; `failing` is the kind of
    error of the last asking, None where it answered.
    """

    __tablename__ = "catch_up_cursor"

    producer: Mapped[str] = mapped_column(String(80), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    subscription: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    brought: Mapped[int] = mapped_column(default=0)
    failing: Mapped[str | None] = mapped_column(String(100))
