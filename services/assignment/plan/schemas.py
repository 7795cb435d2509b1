"""The HTTP shapes of a plan."""

from typing import Any

from marshmallow import Schema, fields, post_load
from marshmallow.validate import Length

from services.assignment.plan.rules import Member, NewPlan
from shared.web import fields as f
from shared.web.versions import StepSchema

LONGEST = 5_000


class MemberIn(Schema):
    post = f.code(required=True)
    duty = f.Paragraphs(longest=LONGEST, required=True)
    responsible = fields.Boolean(load_default=False)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Member:
        return Member(**data)


class PlanIn(StepSchema):
    """The five: the leader comes from the case; team, time limit, duty and quality are given."""

    due_on = f.day(required=True, metadata={"description": "The time limit, a working day"})
    quality = f.Paragraphs(
        longest=LONGEST, required=True, metadata={"description": "What counts as resolved"}
    )
    members = fields.List(fields.Nested(MemberIn), required=True, validate=Length(1, 50))
    reason = f.Paragraphs(
        longest=LONGEST,
        shortest=0,
        allow_none=True,
        metadata={"description": "From version 2 on"},
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {"version": data.pop("version"), "plan": NewPlan(**data)}


class MemberOut(Schema):
    post = fields.String()
    unit = fields.String()
    duty = fields.String()
    responsible = fields.Boolean()


class PlanOut(Schema):
    version = fields.Integer()
    round = fields.Integer()
    leader = fields.String()
    due_on = fields.Date()
    quality = fields.String()
    members = fields.List(fields.Nested(MemberOut))
    reason = fields.String(allow_none=True)
    fixed_by = fields.String()
    fixed_at = fields.AwareDateTime()
