"""The register of petitions and the query codes."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.base import Base


class Petition(Base):
    """One petition. Who brought it is not here: see identities.

    `register_key` and `reading_key` are its places in the register and in the head's reading list,
    what a superior organ assigned first (M5); `place_in_lists` sets both.
    """

    __tablename__ = "petition"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16))
    organ: Mapped[str] = mapped_column(String(16))
    signature: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    township: Mapped[str | None] = mapped_column(String(16))
    place: Mapped[str | None] = mapped_column(String(200))
    content_class: Mapped[str | None] = mapped_column(String(16))
    complained_of: Mapped[str | None] = mapped_column(String(300))
    petitioner_count: Mapped[int] = mapped_column(default=1)
    representative_count: Mapped[int] = mapped_column(default=0)
    superior_assigned: Mapped[bool] = mapped_column(default=False)
    source_number: Mapped[str | None] = mapped_column(String(100), index=True)
    publicity_consent: Mapped[bool] = mapped_column(default=False)  # 检举控告工作规则 47(4)
    received_on: Mapped[date]
    registered_at: Mapped[datetime]
    registered_by: Mapped[str] = mapped_column(String(64))
    category: Mapped[str | None] = mapped_column(String(16))
    procedure: Mapped[str | None] = mapped_column(String(20))
    unread: Mapped[bool] = mapped_column(default=True)
    register_key: Mapped[str] = mapped_column(String(64))
    reading_key: Mapped[str] = mapped_column(String(64), unique=True)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        # A search reads this index in the order of the register, and no petition but those found (search.py).
        Index(
            "ix_petition_register",
            "register_key",
            unique=True,
            postgresql_include=[
                "id",
                "number",
                "title",
                "place",
                "source_number",
                "township",
                "content_class",
                "state",
                "channel",
                "registered_by",
            ],
        ),
        Index("ix_petition_registered_by_register_key", "registered_by", "register_key"),
        Index("ix_petition_township_register_key", "township", "register_key"),
        # With what the desks count, so that they look at no rows.
        Index("ix_petition_state", "state", postgresql_include=["id", "organ"]),
        Index(
            "ix_petition_to_be_read",
            "reading_key",
            postgresql_include=["id", "state"],
            postgresql_where=sql("unread"),
            sqlite_where=sql("unread"),
        ),
    )

    def place_in_lists(self) -> None:
        """Set its places in the lists; again whenever `superior_assigned` changes."""
        self.register_key = f"{int(self.superior_assigned)}-{self.number}"  # read downwards
        urgency = int(not self.superior_assigned)  # read upwards: the oldest of the urgent ones first
        self.reading_key = f"{urgency}-{self.received_on.isoformat()}-{self.number}"


class QueryCode(Base):
    """The keyed hash of a query code; the code itself is shown once and kept nowhere."""

    __tablename__ = "query_code"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), index=True)
    issued_at: Mapped[datetime]
