"""The HTTP shapes of supervision letters."""

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from services.supervision.letters.rules import MOST, STATES
from shared.contracts.supervision import DUTIES
from shared.errors import N_
from shared.web import fields as f
from shared.web.paging import PageArguments, page_of
from shared.web.versions import StepSchema

LONGEST = 1_000
NONE_CHOSEN = N_("Choose at least one matter, and no more than 50.")


class LetterArguments(PageArguments):
    state = fields.String(validate=OneOf(STATES))
    addressee = f.code()


class Wanted(Schema):
    """What a letter lists and asks."""

    clock_ids = fields.List(
        fields.UUID(),
        required=True,
        validate=Length(1, MOST, error=NONE_CHOSEN),
        error_messages={"required": NONE_CHOSEN},
        metadata={"description": "Of /late-matters"},
    )
    reply_by = f.day(required=True, metadata={"description": "The last day for the answer"})
    demand = f.Paragraphs(
        longest=LONGEST,
        load_default=None,
        allow_none=True,
        metadata={"description": "What more is asked; it is printed: name no person"},
    )


class LetterIn(Wanted):
    addressee = f.code(required=True, metadata={"description": "A unit"})


class LetterChange(Wanted, StepSchema):
    """A draft as it is to be."""


class ReplyIn(StepSchema):
    replied_on = f.day(required=True)
    reply = f.Paragraphs(4, LONGEST, required=True, metadata={"description": "What the unit answered"})


class LetterRow(Schema):
    id = fields.UUID()
    state = fields.String(validate=OneOf(STATES))
    number = fields.String(allow_none=True, metadata={"description": "E.g. 竹纪督函〔2026〕1号"})
    addressee = fields.String()
    reply_by = fields.Date()
    issued_at = fields.AwareDateTime(allow_none=True)
    replied_on = fields.Date(allow_none=True)
    version = fields.Integer(metadata={"description": "Give it back with the next step"})


class LetterItemOut(Schema):
    clock_id = fields.UUID()
    petition_id = fields.UUID()
    number = fields.String(metadata={"description": "The petition's number"})
    duty = fields.String(validate=OneOf(DUTIES))
    due_on = fields.Date()


class LetterOut(LetterRow):
    demand = fields.String(allow_none=True)
    drafted_by = fields.String()
    issued_by = fields.String(allow_none=True)
    sha256 = fields.String(allow_none=True, metadata={"description": "Of the Word file"})
    reply = fields.String(allow_none=True)
    reply_noted_by = fields.String(allow_none=True)
    items = fields.List(fields.Nested(LetterItemOut))


class LateUnit(Schema):
    unit = fields.String()
    late = fields.Integer(metadata={"description": "Duties that a letter to it may list"})


class LateArguments(Schema):
    unit = f.code(required=True)


LetterPage = page_of(LetterRow)
