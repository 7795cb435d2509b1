"""What waits in the two boxes of a service, counted."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import clock
from shared.db.inbox import Inbox, State
from shared.db.outbox import Outbox


def backlog(session: Session) -> dict[str, Any]:
    """What waits: events to be published, messages to be handled, parked ones; ages in seconds."""
    now = clock.now()
    outgoing, oldest = session.execute(
        select(func.count(), func.min(Outbox.created_at)).where(Outbox.published_at.is_(None))
    ).one()
    ready, ready_since = _in_state(session, State.READY)
    parked, _since = _in_state(session, State.PARKED)
    return {
        "outbox_waiting": outgoing,
        "outbox_oldest_seconds": round((now - oldest).total_seconds(), 1) if oldest else 0,
        "inbox_waiting": ready,
        "inbox_oldest_seconds": round((now - ready_since).total_seconds(), 1) if ready_since else 0,
        "parked": parked,
    }


def _in_state(session: Session, state: State) -> tuple[int, datetime | None]:
    """How many messages, and since when the oldest. One state at a time: each has an index of its own."""
    counted = select(func.count(), func.min(Inbox.received_at)).where(Inbox.state == state)
    return session.execute(counted).one()
