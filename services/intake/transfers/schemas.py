"""The HTTP shapes of a transfer."""

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from services.intake.transfers.rules import TransferState
from shared.contracts.intake import RETURN_REASONS
from shared.web import fields as f
from shared.web.paging import PageArguments, page_of
from shared.web.versions import StepSchema


class ReturnIn(StepSchema):
    reason = fields.String(required=True, validate=OneOf(RETURN_REASONS))
    note = f.Paragraphs(4, 1000, required=True, metadata={"description": "The detailed reasons (article 23)"})


class TransferRow(Schema):
    """A transfer in a list."""

    id = fields.UUID()
    number = fields.String(metadata={"description": "The petition's number"})
    channel = fields.String()
    township = fields.String(allow_none=True)
    content_class = fields.String(allow_none=True)
    superior_assigned = fields.Boolean()
    received_on = fields.Date()
    to_agency = fields.String()
    state = fields.String(validate=OneOf([s.value for s in TransferState]))
    transferred_at = fields.AwareDateTime()
    answered_at = fields.AwareDateTime(allow_none=True)
    return_reason = fields.String(allow_none=True)
    version = fields.Integer(metadata={"description": "Give it back with the next step"})


class TransferOut(TransferRow):
    """A transfer with the matter, left out once it was sent back; never with who brought it."""

    title = fields.String()
    text = fields.String()
    place = fields.String(allow_none=True)


class TransferArguments(PageArguments):
    state = fields.String(validate=OneOf([s.value for s in TransferState]))


TransferPage = page_of(TransferRow)
