"""The HTTP shapes of the roster."""

from typing import Any

from marshmallow import Schema, fields, post_load
from marshmallow.validate import Length

from services.assignment.roster.rules import Absence, Span
from shared.web import fields as f
from shared.web.versions import StepSchema


class RosterArguments(Schema):
    on = fields.Date(metadata={"description": "The day asked for; today where left out"})


class HistoryArguments(Schema):
    township = f.code(metadata={"description": "Township code"})


class SpanIn(Schema):
    """One line: who answers for a township from a first day on."""

    township = f.code(required=True)
    leader = f.code(required=True)
    office = f.code(required=True)
    team = f.code(required=True)
    valid_from = f.day(required=True, metadata={"description": "First day, today or later"})
    valid_until = f.day(allow_none=True, metadata={"description": "Last day; left out: open"})

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Span:
        return Span(**data)


class ChangeIn(StepSchema):
    """A change of the roster, checked as a whole. `version` is the roster's."""

    entries = fields.List(fields.Nested(SpanIn), required=True, validate=Length(1, 100))


class RosterEntryOut(Schema):
    township = fields.String()
    leader = fields.String()
    office = fields.String()
    team = fields.String()
    valid_from = fields.Date()
    valid_until = fields.Date(allow_none=True)
    decided_by = fields.String(metadata={"description": "Post, or `county` for the first roster"})
    decided_at = fields.AwareDateTime()
    replaced_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When another line took its place; it no longer counts"}
    )


class RosterOut(Schema):
    on = fields.Date()
    version = fields.Integer(metadata={"description": "Give it back with a change"})
    entries = fields.List(fields.Nested(RosterEntryOut))


class ChangedOut(Schema):
    version = fields.Integer()
    entries = fields.List(fields.Nested(RosterEntryOut))


class StandInIn(StepSchema):
    """A leader is away and another stands in. `version` is the roster's."""

    leader = f.code(required=True)
    stand_in = f.code(required=True)
    valid_from = f.day(required=True)
    valid_until = f.day(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {"version": data.pop("version"), "absence": Absence(**data)}


class StandInOut(Schema):
    id = fields.UUID()
    leader = fields.String()
    stand_in = fields.String()
    valid_from = fields.Date()
    valid_until = fields.Date()
    recorded_by = fields.String()
    recorded_at = fields.AwareDateTime()


class StandInRecorded(Schema):
    version = fields.Integer()
    stand_in = fields.Nested(StandInOut)
