"""Reading messages: those on a petition, and those that nobody has read yet."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from services.intake.messages.models import Message
from services.intake.registration.models import Petition
from services.intake.registration.queries import petitions_for
from shared.identity.roles import Viewer


def messages_on(session: Session, petition_id: UUID) -> Sequence[Message]:
    """The messages on a petition, the oldest first."""
    written = select(Message).where(Message.petition_id == petition_id)
    return session.scalars(written.order_by(Message.list_key)).all()


def unread_for(viewer: Viewer) -> Select[Message]:
    """What petitioners wrote and no office has read, on the petitions that a viewer may see."""
    seen = petitions_for(viewer, {}).with_only_columns(Petition.id)
    unread = select(Message).where(Message.by.is_(None), Message.read_at.is_(None))
    return unread.where(Message.petition_id.in_(seen))


def unread_count(session: Session, viewer: Viewer) -> int:
    """How many there are of them."""
    return session.scalar(select(func.count()).select_from(unread_for(viewer).subquery())) or 0


def has_news(session: Session, petition_id: UUID) -> bool:
    """Whether an office wrote something that the petitioner has not read."""
    news = select(Message.id).where(
        Message.petition_id == petition_id, Message.by.is_not(None), Message.read_at.is_(None)
    )
    return session.scalar(news.limit(1)) is not None
