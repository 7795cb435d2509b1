"""What has been applied so far. The inbox is the exact record: each event is in it once."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.reporting.progress.models import FailedMessage
from shared import clock
from shared.db.inbox import Inbox, State
from shared.db.watch import last_words

FAILED_WITHIN = timedelta(days=30)


def progress(session: Session) -> dict[str, Any]:
    """Events applied by kind and producer, each producer's last word, and recent failed messages."""
    counts = select(Inbox.source, Inbox.type, func.count().label("count"), func.max(Inbox.handled_at))
    done = counts.where(Inbox.state == State.DONE).group_by(Inbox.source, Inbox.type)
    rows = session.execute(done.order_by(Inbox.source, Inbox.type)).all()
    return {
        "applied": [{"source": r[0], "type": r[1], "count": r[2], "last_applied_at": r[3]} for r in rows],
        "last_words": [{"source": word.source, "at": word.occurred_at} for word in last_words(session)],
        "failed_messages": failed_messages(session),
    }


def failed_messages(session: Session) -> int:
    """How many messages were given up in the last 30 days."""
    since = clock.now() - FAILED_WITHIN
    recent = select(func.count()).select_from(FailedMessage).where(FailedMessage.failed_at >= since)
    return session.scalar(recent) or 0
