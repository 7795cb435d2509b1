"""The HTTP shapes of a case."""

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from services.assignment.cases.rules import State
from services.assignment.closing.schemas import ClosingOut, RatingOut, ReplyOut
from services.assignment.handling.schemas import EntryOut
from services.assignment.plan.schemas import PlanOut
from shared.web import fields as f
from shared.web.paging import PageArguments, page_of
from shared.web.versions import StepSchema

STATES = [state.value for state in State]
IN_HAND, EVERY_STATE = "in_hand", "all"


class CaseArguments(PageArguments):
    state = fields.String(validate=OneOf(STATES))
    township = f.code()
    leader = f.code()
    office = f.code()
    team = f.code()
    content_class = f.code()
    superior_assigned = fields.Boolean()
    planned = fields.Boolean(metadata={"description": "A plan is in force"})
    late = fields.Boolean(metadata={"description": "The last day of a duty has passed"})
    in_hand = fields.Boolean(metadata={"description": "Not closed, or a duty still runs"})
    number = f.Line(longest=32, metadata={"description": "The number or a part of it"})


class ListArguments(CaseArguments):
    """What the page of the list takes in its address."""

    state = fields.String(validate=OneOf([IN_HAND, EVERY_STATE, *STATES]), load_default=IN_HAND)
    search = f.Line(longest=100)


class CaseRow(Schema):
    """A case in a list."""

    id = fields.UUID()
    petition_id = fields.UUID()
    number = fields.String()
    state = fields.String(validate=OneOf(STATES))
    round = fields.Integer()
    township = fields.String()
    leader = fields.String()
    office = fields.String()
    team = fields.String()
    category = fields.String()
    content_class = fields.String(allow_none=True)
    signature = fields.String()
    superior_assigned = fields.Boolean()
    received_on = fields.Date()
    opened_at = fields.AwareDateTime()
    plan_version = fields.Integer(allow_none=True, metadata={"description": "The plan in force, if any"})
    outcome = fields.String(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)
    next_duty = fields.String(allow_none=True, metadata={"description": "What supervision says is due next"})
    next_due_on = fields.Date(allow_none=True, metadata={"description": "Its last day"})
    version = fields.Integer(metadata={"description": "Give it back with the next step"})


class InstructionOut(Schema):
    instruction_id = fields.UUID(metadata={"description": "Its text is fetched from intake"})
    addressee = fields.String()
    due_on = fields.Date(allow_none=True)
    signed_by = fields.String()
    on_delegation = fields.Boolean()
    amends = fields.UUID(allow_none=True)
    signed_at = fields.AwareDateTime()


class HandOverOut(Schema):
    reason = fields.String()
    at = fields.AwareDateTime()
    leader_before = fields.String()
    office_before = fields.String()
    team_before = fields.String()
    leader = fields.String()
    office = fields.String()
    team = fields.String()
    received_by = fields.String(allow_none=True)
    received_at = fields.AwareDateTime(allow_none=True)


class HistoryOut(Schema):
    at = fields.AwareDateTime()
    by = fields.String(allow_none=True, metadata={"description": "The post; null: by rule"})
    what = fields.String()
    detail = fields.Dict(keys=fields.String())


class CaseOut(CaseRow):
    """A case with all that belongs to it. The matter's text and its petitioner stay with intake."""

    procedure = fields.String()
    organ = fields.String()
    accepted_at = fields.AwareDateTime()
    round_started_on = fields.Date()
    handling_due_on = fields.Date(
        allow_none=True, metadata={"description": "No plan may go beyond it; null: no term of law is known"}
    )
    plans = fields.List(fields.Nested(PlanOut))
    handling = fields.List(fields.Nested(EntryOut))
    closings = fields.List(fields.Nested(ClosingOut))
    replies = fields.List(fields.Nested(ReplyOut))
    ratings = fields.List(fields.Nested(RatingOut))
    instructions = fields.List(fields.Nested(InstructionOut))
    hand_overs = fields.List(fields.Nested(HandOverOut))
    history = fields.List(fields.Nested(HistoryOut))


class RecusalIn(StepSchema):
    reason = f.Paragraphs(longest=2_000, shortest=4, required=True, metadata={"description": "Why"})


class RecusalOut(Schema):
    unit = fields.String()
    by = fields.String()
    reason = fields.String()
    at = fields.AwareDateTime()


CasePage = page_of(CaseRow)
