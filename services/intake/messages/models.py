"""The messages on a petition."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.base import Base


class Message(Base):
    """One message; never changed. `by`: the post that wrote it, None for the petitioner.

    `read_at` is when the other side read it: the petitioner by the code, or the first of the offices.
    `text` may say who somebody is and leaves intake in no event.
    """

    __tablename__ = "message"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    list_key: Mapped[str] = mapped_column(String(64), unique=True)  # by time
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), index=True)
    by: Mapped[str | None] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    read_by: Mapped[str | None] = mapped_column(String(64))  # post; None for the petitioner

    __table_args__ = (
        Index(
            "ix_message_to_be_read",
            "list_key",
            postgresql_where=sql('"by" IS NULL AND read_at IS NULL'),
            sqlite_where=sql('"by" IS NULL AND read_at IS NULL'),
        ),
    )

    @property
    def from_petitioner(self) -> bool:
        return self.by is None
