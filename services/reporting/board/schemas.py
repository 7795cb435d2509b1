"""The HTTP shapes of the board."""

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from services.reporting.board.rules import COUNTS, Light, State
from shared.contracts.assignment import OUTCOMES
from shared.contracts.intake import CATEGORIES, CHANNELS, ORGANS, RATINGS, SIGNATURES
from shared.web import fields as f
from shared.web.paging import PageArguments, page_of


class Measures(Schema):
    """Counts of petitions, and shares in per cent (null of nothing)."""

    registered = fields.Integer()
    open = fields.Integer(metadata={"description": "Not yet closed, declined or transferred"})
    running = fields.Integer(metadata={"description": "With a duty that has a last day"})
    due_soon = fields.Integer(metadata={"description": "A last day within a week from today"})
    late = fields.Integer(metadata={"description": "A last day has passed and the duty is not done"})
    repeated = fields.Integer(metadata={"description": "The matter came back after closing"})
    resolved = fields.Integer(metadata={"description": "Closed, and not open again"})
    on_time = fields.Integer(metadata={"description": "Of these, no duty was ever late"})
    upheld = fields.Integer(metadata={"description": "Of these, upheld wholly or partly"})
    rated = fields.Integer()
    satisfied = fields.Integer()
    resolved_share = fields.Float(allow_none=True, metadata={"description": "Closed, of closed and open"})
    on_time_share = fields.Float(allow_none=True, metadata={"description": "No duty ever late, of closed"})
    late_share = fields.Float(allow_none=True, metadata={"description": "Late, of those with a duty running"})
    upheld_share = fields.Float(allow_none=True, metadata={"description": "Of closed"})
    satisfied_share = fields.Float(allow_none=True, metadata={"description": "Of rated"})


class Group(Measures):
    code = fields.String(allow_none=True, metadata={"description": "null: not yet known"})


class TopicMonth(Measures):
    content_class = fields.String(allow_none=True)
    month = fields.String(metadata={"description": "Of registration, e.g. 2026-03"})


class BoardOut(Schema):
    """What you may see, summed up. Groups come in the order of their codes: no ranking by number."""

    as_of = fields.AwareDateTime()
    totals = fields.Nested(Measures)
    by_township = fields.List(fields.Nested(Group))
    by_leader = fields.List(fields.Nested(Group))
    by_content_class = fields.List(fields.Nested(Group))
    by_month = fields.List(fields.Nested(Group))
    over_time = fields.List(fields.Nested(TopicMonth), metadata={"description": "Content class by month"})


class BoardRow(Schema):
    """One petition as the board knows it: numbers, codes and dates."""

    petition_id = fields.UUID()
    number = fields.String()
    state = fields.String(validate=OneOf([s.value for s in State]))
    light = fields.String(validate=OneOf([s.value for s in Light]))
    channel = fields.String(validate=OneOf(CHANNELS))
    organ = fields.String(validate=OneOf(ORGANS))
    signature = fields.String(validate=OneOf(SIGNATURES))
    category = fields.String(allow_none=True, validate=OneOf(CATEGORIES))
    township = fields.String(allow_none=True)
    content_class = fields.String(allow_none=True)
    superior_assigned = fields.Boolean()
    leader = fields.String(allow_none=True)
    office = fields.String(allow_none=True)
    team = fields.String(allow_none=True)
    received_on = fields.Date()
    registered_on = fields.Date()
    accepted_on = fields.Date(allow_none=True)
    last_handled_on = fields.Date(allow_none=True)
    closed_on = fields.Date(allow_none=True)
    outcome = fields.String(allow_none=True, validate=OneOf(OUTCOMES))
    round = fields.Integer(metadata={"description": "Of handling: 0 before there is a case"})
    rating = fields.String(allow_none=True, validate=OneOf(RATINGS))
    due_on = fields.Date(allow_none=True, metadata={"description": "The earliest last day now running"})
    was_late = fields.Boolean(metadata={"description": "A duty was late at some time: closing keeps it"})


class BoardFilters(Schema):
    """What the board and the lists behind it are narrowed to; `none` asks for what has no code yet."""

    township = f.code()
    leader = f.code()
    content_class = f.code()
    since = f.month(metadata={"description": "First month of registration, e.g. 2026-03"})
    until = f.month(metadata={"description": "Last month of registration"})


class ListFilters(BoardFilters):
    state = fields.Enum(State, by_value=True)
    measure = fields.String(validate=OneOf(COUNTS), metadata={"description": "The count to look behind"})


class ListArguments(ListFilters, PageArguments):
    pass


BoardPage = page_of(BoardRow)
