"""The HTTP shapes of the monthly summary."""

from marshmallow import Schema, fields

from services.reporting.summary.rules import MEASURES, SHARES
from shared.web import fields as f


class SummaryIn(Schema):
    month = f.month(required=True, metadata={"description": "A month that is over, e.g. 2026-03"})


class SummaryRow(Schema):
    id = fields.UUID()
    number = fields.String(metadata={"description": "E.g. TB2026-000001"})
    month = fields.String()
    issued_at = fields.AwareDateTime()
    issued_by = fields.String(metadata={"description": "The post"})


PublicMeasures = Schema.from_dict(
    {name: fields.Integer(allow_none=True, metadata={"description": "null: below 5"}) for name in MEASURES},
    name="PublicMeasures",
)
MonthMeasures = Schema.from_dict(
    {name: fields.Integer() for name in MEASURES}
    | {f"{part}_share": fields.Float(allow_none=True) for part in SHARES},
    name="MonthMeasures",
)
CODE = {"code": fields.String(allow_none=True)}
PublicGroup = Schema.from_dict({**PublicMeasures._declared_fields, **CODE}, name="PublicGroup")
MonthGroup = Schema.from_dict({**MonthMeasures._declared_fields, **CODE}, name="MonthGroup")


class Figures(Schema):
    totals = fields.Nested(MonthMeasures)
    by_township = fields.List(fields.Nested(MonthGroup))
    by_leader = fields.List(fields.Nested(MonthGroup))
    by_content_class = fields.List(fields.Nested(MonthGroup))


class PublicFigures(Schema):
    totals = fields.Nested(PublicMeasures)
    by_township = fields.List(fields.Nested(PublicGroup))
    by_content_class = fields.List(fields.Nested(PublicGroup))


SHA256 = "Of the figures as JSON with sorted keys and no spaces, in UTF-8"


class SummaryOut(SummaryRow):
    sha256 = fields.String(metadata={"description": SHA256})
    figures = fields.Nested(Figures)


class PublicSummaryOut(Schema):
    number = fields.String()
    month = fields.String()
    sha256 = fields.String(metadata={"description": SHA256})
    figures = fields.Nested(PublicFigures)
