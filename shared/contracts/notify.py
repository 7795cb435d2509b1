"""Events of notify 通知: only what others must know about messages, never their text."""

from shared.contracts import fields as f
from shared.contracts.registry import EventSchema, event

MESSAGE_CHANNELS = ("email", "webhook")


@event("notice.failed", version=1, owner="notify")
class NoticeFailedV1(EventSchema):
    """A message could not be delivered after all its tries; it can be sent again from the list."""

    notice_id = f.uuid("The message")
    recipient = f.code("The unit that it was for")
    channel = f.choice("By which way", MESSAGE_CHANNELS)
    attempts = f.count("How many tries")
    failed_at = f.moment("When the last one failed")
