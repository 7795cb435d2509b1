"""Counts what notify gave up."""

from sqlalchemy.orm import Session

from services.reporting.progress.models import FailedMessage
from shared.bus.handlers import Event, handles
from shared.contracts.notify import NoticeFailedV1


@handles(NoticeFailedV1, uses=("notice_id", "recipient", "failed_at"))
def on_notice_failed(event: Event, session: Session) -> None:
    found = session.get(FailedMessage, event["notice_id"])
    if found is None:
        found = FailedMessage(notice_id=event["notice_id"], failed_at=event["failed_at"])
        session.add(found)
    found.recipient, found.failed_at = event["recipient"], max(found.failed_at, event["failed_at"])
