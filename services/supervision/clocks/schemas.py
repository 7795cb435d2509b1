"""The HTTP shapes of clocks and of requests to move them."""

from typing import Any

from marshmallow import Schema, fields, post_dump
from marshmallow.validate import OneOf, Range

from services.supervision.clocks.rules import (
    LEVELS,
    PAUSE_REASONS,
    REQUEST_KINDS,
    REQUEST_STATES,
    Light,
    State,
    knows_reasons,
)
from shared.contracts.supervision import DUTIES
from shared.web import fields as f
from shared.web.access import current_viewer
from shared.web.paging import PageArguments, page_of
from shared.web.versions import StepSchema

STATES = [state.value for state in State]
LIGHTS = [each.value for each in Light]
LONGEST = 2_000


class ClockArguments(PageArguments):
    state = fields.String(validate=OneOf(STATES))
    light = fields.String(validate=OneOf(LIGHTS))
    holder = f.code()
    duty = fields.String(validate=OneOf(DUTIES))
    township = f.code()
    number = f.Line(longest=64, metadata={"description": "The petition's number, or a part of it"})
    petition_id = fields.UUID()


class ClockRow(Schema):
    """A clock in a list. `due_on` moves, `first_due_on` stays on file."""

    id = fields.UUID()
    petition_id = fields.UUID()
    number = fields.String(metadata={"description": "The petition's number"})
    duty = fields.String(validate=OneOf(DUTIES))
    holder = fields.String(metadata={"description": "The unit whose duty it is now"})
    superior_assigned = fields.Boolean()
    started_on = fields.Date(metadata={"description": "Itself not counted"})
    first_due_on = fields.Date()
    due_on = fields.Date()
    planned_on = fields.Date(allow_none=True, metadata={"description": "The time limit of the plan"})
    provisional = fields.Function(
        lambda row: row.waits_for_year is not None,
        metadata={"type": "boolean", "description": "The calendar of a year in it is not yet published"},
    )
    light = fields.Function(
        lambda row: row.light,
        metadata={"type": ["string", "null"], "enum": [*LIGHTS, None], "description": "null: it has stopped"},
    )
    state = fields.String(validate=OneOf(STATES))
    stopped_on = fields.Date(allow_none=True)
    done = fields.Boolean()
    late = fields.Function(
        lambda row: row.is_late,
        metadata={"type": "boolean", "description": "Stopped after its last day, or running beyond it"},
    )
    warned = fields.List(fields.String(validate=OneOf(LEVELS)))
    version = fields.Integer(metadata={"description": "Give it back with the next step"})


class HoldingOut(Schema):
    unit = fields.String()
    since = fields.Date()
    until = fields.Date(allow_none=True)


class PauseOut(Schema):
    reason = fields.String()
    paused_on = fields.Date()
    resumed_on = fields.Date(allow_none=True)


class RequestOut(Schema):
    id = fields.UUID()
    clock_id = fields.UUID()
    kind = fields.String(validate=OneOf(REQUEST_KINDS))
    state = fields.String(validate=OneOf(REQUEST_STATES))
    days = fields.Integer(allow_none=True)
    reason = fields.String(allow_none=True)
    reasons = fields.String()
    asked_by = fields.String()
    asked_unit = fields.String()
    asked_at = fields.AwareDateTime()
    decided_by = fields.String(allow_none=True)
    decided_at = fields.AwareDateTime(allow_none=True)
    decision_reasons = fields.String(allow_none=True)
    told_on = fields.Date(allow_none=True, metadata={"description": "The petitioner was told the reasons"})
    version = fields.Integer()


class TermOfClock(Schema):
    code = fields.String()
    source = fields.String()
    article = fields.String()
    mark = fields.String()


class ClockOut(ClockRow):
    """A clock with its term, who held it when, its pauses and requests."""

    unit = fields.String()
    length = fields.Integer(allow_none=True)
    term = fields.Nested(TermOfClock)
    holdings = fields.List(fields.Nested(HoldingOut))
    pauses = fields.List(fields.Nested(PauseOut))
    requests = fields.List(fields.Nested(RequestOut))

    @post_dump(pass_original=True)
    def _without_reasons(self, data: dict[str, Any], row: Any, **_kwargs: Any) -> dict[str, Any]:
        if not knows_reasons(current_viewer(), row.holder):
            data["requests"] = []
        return data


class ExtensionIn(StepSchema):
    days = fields.Integer(required=True, validate=Range(1, 999), metadata={"description": "Calendar days"})
    reasons = f.Paragraphs(4, LONGEST, required=True)


class PauseIn(StepSchema):
    reason = fields.String(required=True, validate=OneOf(PAUSE_REASONS))
    reasons = f.Paragraphs(4, LONGEST, required=True)


class DecisionIn(StepSchema):
    approved = fields.Boolean(required=True)
    reasons = f.Paragraphs(longest=LONGEST, load_default=None, allow_none=True)


class NoticeIn(StepSchema):
    told_on = f.day(required=True)


class RequestArguments(PageArguments):
    state = fields.String(validate=OneOf(REQUEST_STATES))


class LightCounts(Schema):
    green = fields.Integer()
    yellow = fields.Integer()
    orange = fields.Integer()
    red = fields.Integer()
    paused = fields.Integer()


class HolderCounts(LightCounts):
    holder = fields.String()


class SummaryOut(Schema):
    as_of = fields.Date()
    lights = fields.Nested(LightCounts)
    holders = fields.List(fields.Nested(HolderCounts))


ClockPage = page_of(ClockRow)
RequestPage = page_of(RequestOut)
