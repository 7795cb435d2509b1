"""Events that this service has received: stored first, handled after, each handled once.

(source, id) is the CloudEvents identity; a second delivery finds its row and changes nothing.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Executable, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared import clock
from shared.contracts import envelope
from shared.contracts.envelope import Unreadable
from shared.db.base import InsertInto, SharedBase, for_database
from shared.db.watch import note_words


class State(StrEnum):
    READY = "ready"
    DONE = "done"
    PARKED = "parked"
    DISMISSED = "dismissed"


class Inbox(SharedBase):
    """One received message. `body` is what arrived, byte for byte."""

    __tablename__ = "inbox"

    # The id first: many rows have one source, and a look by both shall not pass them all.
    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    source: Mapped[str] = mapped_column(String(255), primary_key=True)
    type: Mapped[str] = mapped_column(String(255))
    agency: Mapped[str] = mapped_column(String(255), server_default="")  # whose event; "" where unreadable
    body: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16), default=State.READY)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    last_error: Mapped[str | None] = mapped_column(String(500))
    handled_at: Mapped[datetime | None]
    dismissed_reason: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        Index(
            "ix_inbox_ready",
            "agency",
            "next_attempt_at",
            "received_at",
            postgresql_where=text("state = 'ready'"),
            sqlite_where=text("state = 'ready'"),
        ),
        Index(
            "ix_inbox_parked",
            "received_at",
            postgresql_where=text("state = 'parked'"),
            sqlite_where=text("state = 'parked'"),
        ),
    )


Believes = Callable[[str], object]


def nobody(_source: str) -> None:
    """Believes no source of another agency."""


@dataclass(frozen=True)
class Arrival:
    """A message as it came: its body, and the routing key that brought it or the producer that gave it."""

    body: bytes
    routing_key: str | None = None
    given_by: str | None = None  # in catch-up: `/<agency>/<service>`


def receive(
    session: Session, arrivals: Sequence[Arrival], subscribed: set[str], believes: Believes = nobody
) -> int:
    """Store messages that are not yet here; returns how many were new.

    `believes` says of a source whether it is a partner that this service knows. What cannot be read, was
    not asked for, speaks for somebody else or comes from a stranger is kept too, parked with its reason, so
    that an operator sees it.
    """
    own = str(session.info["agency"])
    rows: dict[tuple[object, object], dict[str, object]] = {}
    words: list[tuple[str, datetime]] = []
    for arrival in arrivals:
        row, event = _row(arrival)
        if event is not None and (why := why_not(event, own, subscribed, believes)):
            row, event = row | {"state": State.PARKED, "last_error": why}, None
        rows[row["source"], row["id"]] = row
        if event is not None:
            words.append((event.source, event.occurred_at))
    if not rows:
        return 0
    # One order for all workers: two batches that share rows must not wait for each other in a ring.
    values = [rows[key] for key in sorted(rows)]
    # A statement for many rows, not one of many rows' values, which would be put together anew for each
    # number of them.
    result = session.connection().execute(for_database(session, _store), values)
    note_words(session, words)
    return int(result.rowcount)


def _store(insert: InsertInto) -> Executable:
    # Of an insert, SQLAlchemy keeps the count only when asked to.
    return insert(Inbox).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def _row(arrival: Arrival) -> tuple[dict[str, object], envelope.Envelope | None]:
    """The row of a message, and the event in it where it is one and its sender's."""
    now = clock.now()
    row: dict[str, object] = {
        "agency": "",
        "body": arrival.body,
        "received_at": now,
        "next_attempt_at": now,
        "attempts": 0,
        "state": State.READY,
        "last_error": None,
    }
    try:
        event = envelope.parse(arrival.body)
    except Unreadable as error:
        digest = hashlib.sha256(arrival.body).hexdigest()
        return row | _parked("unreadable", digest, "unreadable", str(error)), None
    if arrival.routing_key not in (None, event.type) or arrival.given_by not in (None, event.source):
        # Kept under its digest: it must not take the place of the true event whose id it carries.
        digest = hashlib.sha256(arrival.body).hexdigest()
        what = "routing key and type differ" if arrival.routing_key else "it is not its producer's"
        reason = f"{what}: the sender spoke for somebody else"
        return row | _parked("forged", digest, event.type, reason), None
    named = {"source": event.source, "id": event.id, "type": event.type, "agency": event.agency}
    return row | named, event


def why_not(event: envelope.Envelope, own: str, subscribed: set[str], believes: Believes) -> str | None:
    """Why a service of the agency `own` does not take an event; None where it does."""
    try:
        contract = event.contract
    except Unreadable as error:
        return str(error)
    if contract.key not in subscribed:
        return "this service did not subscribe to this event"
    if event.agency == own:
        return None
    if not contract.for_partners:
        return "an internal event of another agency: it is not for us, and should never have left"
    if not believes(event.source):
        return "of a partner whom this service does not know: put its .pub into KEYS_DIR, then run it again"
    return None


def _parked(source: str, id_: str, type_: str, reason: str) -> dict[str, object]:
    return {"source": source, "id": id_, "type": type_, "state": State.PARKED, "last_error": reason}
