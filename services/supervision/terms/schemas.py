"""The HTTP shapes of the terms."""

from marshmallow import Schema, fields

from services.supervision.terms.rules import is_confirmed
from shared.web import fields as f


class TermOut(Schema):
    """A version of a term. An empty list, or null, holds for all."""

    code = fields.String()
    duty = fields.String()
    organs = fields.List(fields.String())
    categories = fields.List(fields.String())
    procedures = fields.List(fields.String())
    signatures = fields.List(fields.String())
    superior_assigned = fields.Boolean(allow_none=True)
    rounds = fields.String(allow_none=True, metadata={"description": "first or later"})
    unit = fields.String(
        metadata={"description": "calendar_days 日, working_days 工作日, months, given_date"}
    )
    length = fields.Integer(allow_none=True, metadata={"description": "null: the duty brings its own date"})
    starts_with = fields.String(metadata={"description": "The day of this is not counted"})
    stops_with = fields.List(fields.String())
    extension_unit = fields.String(allow_none=True)
    extension_length = fields.Integer(allow_none=True)
    extensions = fields.Integer(metadata={"description": "How often it can be extended"})
    effective_from = fields.Date(metadata={"description": "For clocks that start from then on"})
    source = fields.String()
    article = fields.String()
    note = fields.String()
    mark = fields.String(
        metadata={"description": "T read in the text; P in part; C practice; M from memory, or a setting"}
    )
    confirmed = fields.Function(
        lambda row: is_confirmed(row.mark), metadata={"type": "boolean", "description": "Mark T"}
    )


class ReckonArguments(Schema):
    """From which day to reckon, by which term (its code)."""

    term = f.code(required=True)
    started_on = f.day(required=True)


class LightOut(Schema):
    light = fields.String()
    duty = fields.String(allow_none=True, metadata={"description": "null: every duty without its own"})
    unit = fields.String(metadata={"description": "nth_of_term: when one part in `length` is left"})
    length = fields.Integer()
    source = fields.String()
    mark = fields.String()
    confirmed = fields.Function(lambda row: is_confirmed(row.mark), metadata={"type": "boolean"})


class TermsOut(Schema):
    items = fields.List(fields.Nested(TermOut))
    lights = fields.List(fields.Nested(LightOut))
