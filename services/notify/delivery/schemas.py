"""The HTTP shape of a failed e-mail."""

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from services.notify.delivery.rules import State
from shared.web.paging import page_of


class DeliveryOut(Schema):
    """An e-mail that was not delivered: for whom and why, not about what."""

    id = fields.UUID()
    unit = fields.String()
    state = fields.String(validate=OneOf([s.value for s in State]))
    attempts = fields.Integer()
    made_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)
    last_error = fields.String(allow_none=True, metadata={"description": "A code of the mail protocol"})


DeliveryPage = page_of(DeliveryOut)
