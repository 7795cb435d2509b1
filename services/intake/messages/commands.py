"""Writing messages in both directions and noting that they were read."""

from datetime import UTC, datetime, time
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from services.intake.messages.models import Message
from services.intake.messages.rules import check_pace
from services.intake.registration.models import Petition
from shared import clock
from shared.contracts.intake import MessageReceivedV1
from shared.db.outbox import record
from shared.identity.roles import Viewer


def receive(session: Session, petition: Petition, text: str) -> Message:
    """Keep what a petitioner writes and record `message.received`. Raises OutOfOrder."""
    midnight = datetime.combine(clock.today(), time.min, clock.COUNTY_ZONE).astimezone(UTC)
    of_today = select(func.count()).where(
        Message.petition_id == petition.id, Message.by.is_(None), Message.sent_at >= midnight
    )
    check_pace(session.scalar(of_today) or 0)
    made = _message(session, petition, text, by=None)
    record(
        session,
        MessageReceivedV1,
        subject=petition.id,
        petition_id=petition.id,
        number=petition.number,
        message_id=made.id,
        received_at=made.sent_at,
    )
    return made


def send(session: Session, petition: Petition, text: str, *, by: Viewer) -> Message:
    """Write to the petitioner, who finds it by the code. What they wrote before counts as read."""
    mark_read(session, petition.id, by=by)
    return _message(session, petition, text, by=by.post)


def mark_read(session: Session, petition_id: UUID, *, by: Viewer | None, until: str | None = None) -> None:
    """Note that the other side has read what was written to it. `by`: None for the petitioner.

    until: the list_key of the last message that was shown; all where it is left out.
    """
    unread = update(Message).where(Message.petition_id == petition_id, Message.read_at.is_(None))
    unread = unread.where(Message.by.is_(None) if by else Message.by.is_not(None))
    if until is not None:
        unread = unread.where(Message.list_key <= until)
    session.execute(unread.values(read_at=clock.now(), read_by=by.post if by else None))


def forget(session: Session, petition_id: UUID) -> None:
    """Remove the messages on a petition that is sealed away."""
    session.execute(delete(Message).where(Message.petition_id == petition_id))


def _message(session: Session, petition: Petition, text: str, *, by: str | None) -> Message:
    id_, now = uuid4(), clock.now()
    key = f"{now:%Y%m%d%H%M%S%f}-{id_}"
    made = Message(id=id_, list_key=key, petition_id=petition.id, by=by, text=text, sent_at=now)
    session.add(made)
    session.flush()
    return made
