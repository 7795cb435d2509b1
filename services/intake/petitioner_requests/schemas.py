"""The HTTP shapes of what petitioners ask for."""

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from services.intake.petitioner_requests.rules import LONGEST, Kind, State
from shared.web import fields as f
from shared.web.paging import PageArguments, page_of
from shared.web.versions import StepSchema

KINDS = [kind.value for kind in Kind]


class RequestArguments(PageArguments):
    state = fields.Enum(State, by_value=True)
    kind = fields.Enum(Kind, by_value=True)
    petition_id = fields.UUID()


class AnswerIn(StepSchema):
    text = f.Paragraphs(2, LONGEST, required=True, metadata={"description": "Shown to the petitioner"})


class RequestOut(Schema):
    """A request; `due_on` is the day until which an article wants it answered, if any does."""

    id = fields.UUID()
    petition_id = fields.UUID()
    kind = fields.String(validate=OneOf(KINDS))
    text = fields.String()
    state = fields.String(validate=OneOf([state.value for state in State]))
    made_at = fields.AwareDateTime()
    due_on = fields.Date(allow_none=True)
    answer = fields.String(allow_none=True)
    answered_by = fields.String(allow_none=True)
    answered_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer(metadata={"description": "Give it back with the answer"})


RequestPage = page_of(RequestOut)
