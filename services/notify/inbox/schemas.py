"""The HTTP shapes of an inbox."""

from datetime import UTC, datetime

from marshmallow import Schema, fields
from marshmallow.validate import OneOf, Range

from services.notify.inbox.rules import RULES
from shared.web.paging import PageArguments, page_of


class NoticeOut(Schema):
    """A notice: what happened to which number; the matter itself is read where it is kept."""

    id = fields.UUID()
    kind = fields.String(validate=OneOf(list(RULES)))
    text = fields.String(metadata={"description": "In the reader's language"})
    petition_id = fields.UUID(allow_none=True)
    reference = fields.String(
        allow_none=True, metadata={"description": "Petition number; or the month, the township code"}
    )
    due_on = fields.Date(allow_none=True)
    occurred_at = fields.AwareDateTime()
    read_at = fields.AwareDateTime(allow_none=True)


class InboxArguments(PageArguments):
    unread = fields.Boolean(load_default=False, metadata={"description": "Only what is unread"})


class ReadAll(Schema):
    until = fields.AwareDateTime(
        load_default=None,
        # Not every moment that can be written can be turned into UTC.
        validate=Range(datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)),
        metadata={"description": "Only what had come by then: when you looked"},
    )


class UnreadOut(Schema):
    unread = fields.Integer(metadata={"description": "Unread notices of your unit"})


NoticePage = page_of(NoticeOut)
