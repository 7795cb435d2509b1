"""The HTTP shapes of closing, reply and handling again."""

from typing import Any

from marshmallow import Schema, fields, post_load
from marshmallow.validate import Length, OneOf, Range

from services.assignment.closing.rules import FIRST, SECOND, NewReply, Proposal
from shared.contracts.assignment import OUTCOMES, REOPEN_REASONS, REPLY_MEANS
from shared.web import fields as f
from shared.web.versions import StepSchema

LONGEST = 20_000
ORDERED = tuple(reason for reason in REOPEN_REASONS if reason != "dissatisfied")


class ProposalIn(StepSchema):
    outcome = fields.String(required=True, validate=OneOf(OUTCOMES))
    conclusion = f.Paragraphs(longest=LONGEST, required=True)
    why_not_met = f.Paragraphs(
        longest=2_000,
        shortest=0,
        allow_none=True,
        metadata={"description": "Of an anonymous petition: why nobody could speak to the petitioner"},
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {"version": data.pop("version"), "proposal": Proposal(**data)}


class CheckIn(StepSchema):
    level = fields.Integer(
        required=True,
        validate=OneOf([FIRST, SECOND]),
        metadata={"description": "1: another post of the office, or the trial office; 2: the leader"},
    )
    passed = fields.Boolean(required=True)
    reasons = f.Paragraphs(
        longest=LONGEST,
        shortest=0,
        allow_none=True,
        metadata={"description": "To send it back"},
    )


class ReplyIn(StepSchema):
    round = fields.Integer(required=True, validate=Range(1, 1_000))
    means = fields.String(required=True, validate=OneOf(REPLY_MEANS))
    replied_on = f.day(required=True)
    tried_on = fields.List(
        f.day(),
        validate=Length(max=50),
        metadata={"description": "The days on which it was tried; of `unreachable` only"},
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {"version": data.pop("version"), "reply": NewReply(**data)}


class ReopeningIn(StepSchema):
    reason = fields.String(required=True, validate=OneOf(ORDERED))


class CheckOut(Schema):
    level = fields.Integer()
    passed = fields.Boolean()
    reasons = fields.String(allow_none=True)
    by = fields.String()
    at = fields.AwareDateTime()


class ClosingOut(Schema):
    proposal = fields.Integer()
    round = fields.Integer()
    outcome = fields.String()
    conclusion = fields.String()
    why_not_met = fields.String(allow_none=True)
    by = fields.String()
    at = fields.AwareDateTime()
    closed_at = fields.AwareDateTime(allow_none=True)
    checks = fields.List(fields.Nested(CheckOut))


class ReplyOut(Schema):
    round = fields.Integer()
    means = fields.String()
    replied_on = fields.Date()
    tried_on = fields.List(fields.String(metadata={"format": "date"}))
    by = fields.String()
    recorded_at = fields.AwareDateTime()


class RatingOut(Schema):
    round = fields.Integer()
    rating = fields.String()
    rated_at = fields.AwareDateTime()
