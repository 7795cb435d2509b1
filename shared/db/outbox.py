"""Events that this service has published or will: written in the same transaction as the change.

The outbox is the archive too: peers fetch from it whatever the bus has lost (catch-up).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, Text, Update, bindparam, func, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared import clock
from shared.contracts import envelope, registry
from shared.contracts.envelope import Envelope
from shared.contracts.registry import EventSchema
from shared.db.base import BigKey, SharedBase
from shared.watching.tracing import traceparent


class Outbox(SharedBase):
    """One event. `position` is given by the relay in commit order; `seq` is not safe to page by."""

    __tablename__ = "outbox"

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(36), unique=True)
    type: Mapped[str] = mapped_column(String(255))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    position: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    published_at: Mapped[datetime | None]
    unrouted: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(255))

    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "seq",
            postgresql_where=text("published_at IS NULL"),
            sqlite_where=text("published_at IS NULL"),
        ),
        Index(
            "ix_outbox_unsettled",
            "seq",
            postgresql_where=text("position IS NULL"),
            sqlite_where=text("position IS NULL"),
        ),
        {"info": {"ledger": ("id", "type", "body")}},
    )


def record(session: Session, schema: type[EventSchema], subject: Any, **data: Any) -> Envelope:
    """Record an event in this transaction. Fields that are None are left out.

    Raises marshmallow.ValidationError where the data break the contract. Inside a handler the event
    that caused it is named by itself.
    """
    contract = registry.contract_of(schema)
    made = envelope.build(
        contract,
        agency=session.info["agency"],
        subject=str(subject),
        data=registry.dump(schema, data),
        cause=session.info.get("cause"),
        correlation_id=session.info.get("correlation_id"),
        traceparent=traceparent(),
    )
    session.add(Outbox(id=made.id, type=made.type, body=made.to_json(), created_at=clock.now()))
    session.info["recorded"] = True
    return made


def _give_positions() -> Update:
    last = select(func.coalesce(func.max(Outbox.position), 0)).scalar_subquery()
    fresh = (
        select(Outbox.seq, (last + func.row_number().over(order_by=Outbox.seq)).label("position"))
        .where(Outbox.position.is_(None))
        .order_by(Outbox.seq)
        .limit(bindparam("limit"))
        .subquery()
    )
    return update(Outbox).where(Outbox.seq == fresh.c.seq).values(position=fresh.c.position)


_GIVE_POSITIONS = _give_positions()


def settle(session: Session, limit: int = 1000) -> int:
    """Give committed events their position, in order; the caller holds the relay's lock.

    A sequence number is taken before its transaction commits, so a slower one could appear behind
    a reader's cursor. A position is given only to what is already committed.
    """
    return int(session.connection().execute(_GIVE_POSITIONS, {"limit": limit}).rowcount)
