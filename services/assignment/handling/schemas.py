"""The HTTP shapes of the handling record."""

from typing import Any

from marshmallow import Schema, fields, post_load
from marshmallow.validate import OneOf

from services.assignment.handling.rules import NewEntry
from shared.contracts.assignment import HANDLING_KINDS
from shared.web import fields as f
from shared.web.versions import StepSchema


class EntryIn(StepSchema):
    kind = fields.String(required=True, validate=OneOf(HANDLING_KINDS))
    occurred_on = f.day(required=True)
    text = f.Paragraphs(longest=20_000, required=True)
    corrects = fields.UUID(allow_none=True, metadata={"description": "The entry that this one puts right"})

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {"version": data.pop("version"), "entry": NewEntry(**data)}


class EntryOut(Schema):
    id = fields.UUID()
    round = fields.Integer()
    kind = fields.String()
    occurred_on = fields.Date()
    text = fields.String()
    corrects = fields.UUID(allow_none=True)
    by = fields.String(metadata={"description": "The post"})
    unit = fields.String()
    recorded_at = fields.AwareDateTime()
