"""The HTTP shapes of extracts."""

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from services.notify.network import rules
from shared.web import fields as f
from shared.web.paging import PageArguments, page_of
from shared.web.versions import StepSchema

LONGEST = 1_000


class ExtractArguments(PageArguments):
    state = fields.String(validate=OneOf(rules.STATES))
    agency = f.code()
    petition_id = fields.UUID()


class ExtractIn(Schema):
    """What is to be shared of a petition, with whom, on which basis, for what and until when."""

    agency = f.code(required=True, metadata={"description": "A unit of kind `agency`"})
    purpose = fields.String(required=True, validate=OneOf(list(rules.PURPOSES)))
    basis = fields.String(required=True, validate=OneOf(rules.BASES))
    parts = fields.List(
        fields.String(validate=OneOf(rules.PARTS)),
        load_default=list,
        metadata={"description": "What the agency may know, within the purpose"},
    )
    summary = f.Paragraphs(
        4, LONGEST, required=True, metadata={"description": "The matter in a few sentences; names no person"}
    )
    asked = f.Paragraphs(4, LONGEST, required=True, metadata={"description": "What the agency is to do"})
    answer_by = f.day(required=True)
    expires_on = f.day(required=True, metadata={"description": "Its last day; the content is destroyed then"})


class RecallIn(StepSchema):
    reason = fields.String(required=True, validate=OneOf(rules.BY_HAND))


class AnswerIn(StepSchema):
    result = fields.String(required=True, validate=OneOf(rules.RESULTS))
    text = f.Paragraphs(4, LONGEST, required=True, metadata={"description": "What was done or found"})


class ExtractRow(Schema):
    id = fields.UUID()
    state = fields.String(validate=OneOf(rules.STATES))
    number = fields.String(metadata={"description": "The petition's number"})
    agency = fields.String()
    purpose = fields.String()
    basis = fields.String()
    answer_by = fields.Date()
    expires_on = fields.Date()
    issued_at = fields.AwareDateTime(allow_none=True)
    read_at = fields.AwareDateTime(allow_none=True)
    answered_at = fields.AwareDateTime(allow_none=True)
    result = fields.String(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    recalled_for = fields.String(allow_none=True)
    version = fields.Integer(metadata={"description": "Give it back with the next step"})


class ExtractOut(ExtractRow):
    content = fields.Dict(allow_none=True, metadata={"description": "The chosen parts, by name"})
    summary = fields.String(allow_none=True)
    asked = fields.String(allow_none=True)
    answer = fields.String(allow_none=True)
    drafted_by = fields.String()
    issued_by = fields.String(allow_none=True)
    read_by = fields.String(allow_none=True)
    answered_by = fields.String(allow_none=True)


ExtractPage = page_of(ExtractRow)
