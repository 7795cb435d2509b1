"""The HTTP shapes of messages."""

from marshmallow import Schema, fields

from services.intake.messages.rules import LONGEST
from shared.web import fields as f
from shared.web.paging import page_of


class MessageIn(Schema):
    text = f.Paragraphs(1, LONGEST, required=True, metadata={"description": "At most 5,000 characters"})


class MessageOut(Schema):
    """A message. `list_key` grows with time."""

    id = fields.UUID()
    list_key = fields.String()
    from_petitioner = fields.Boolean()
    by = fields.String(allow_none=True, metadata={"description": "The post that wrote it"})
    text = fields.String()
    sent_at = fields.AwareDateTime()
    read_at = fields.AwareDateTime(allow_none=True, metadata={"description": "By the other side"})
    read_by = fields.String(allow_none=True)


class UnreadMessage(Schema):
    """That something is unread, and where: the text is read on the petition."""

    id = fields.UUID()
    petition_id = fields.UUID()
    sent_at = fields.AwareDateTime()


class ReadIn(Schema):
    until = fields.String(
        load_default=None, metadata={"description": "`list_key` of the last message that you saw"}
    )


UnreadPage = page_of(UnreadMessage)
