"""The HTTP shapes of the monthly bulletin."""

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from services.reporting.bulletin.rules import COMPARED, SHARES
from services.reporting.summary.rules import MEASURES
from shared.contracts.supervision import DUTIES
from shared.web import fields as f
from shared.web.paging import page_of


class BulletinIn(Schema):
    month = f.month(required=True, metadata={"description": "A month that is over, e.g. 2026-03"})


class BulletinRow(Schema):
    id = fields.UUID()
    number = fields.String(metadata={"description": "E.g. 竹纪通报〔2026〕3号"})
    month = fields.String()
    issued_at = fields.AwareDateTime()
    issued_by = fields.String(metadata={"description": "The post"})
    sha256 = fields.String(metadata={"description": "Of the Word file"})


class ComparedMeasure(Schema):
    measure = fields.String(validate=OneOf(COMPARED))
    now = fields.Float(allow_none=True)
    before = fields.Float(allow_none=True, metadata={"description": "The month before"})
    change = fields.Float(allow_none=True, metadata={"description": "In per cent; of a share in points"})
    last_year = fields.Float(allow_none=True, metadata={"description": "The same month last year"})
    year_change = fields.Float(allow_none=True)


class DutyCount(Schema):
    duty = fields.String(validate=OneOf(DUTIES))
    count = fields.Integer(allow_none=True, metadata={"description": "null: fewer than 5"})


class UnitDuties(Schema):
    unit = fields.String()
    duties = fields.List(fields.Nested(DutyCount))


PrintedMeasures = Schema.from_dict(
    {
        name: fields.Integer(allow_none=True, metadata={"description": "null: not printed"})
        for name in MEASURES
    }
    | {name: fields.Float(allow_none=True) for name in SHARES},
    name="PrintedMeasures",
)
PrintedTownship = Schema.from_dict(
    {**PrintedMeasures._declared_fields, "code": fields.String()}, name="PrintedTownship"
)


class BulletinContents(Schema):
    month = fields.String()
    counted_on = fields.String(metadata={"format": "date", "description": "When the summary was made"})
    issued_on = fields.String(metadata={"format": "date"})
    totals = fields.Nested(PrintedMeasures)
    comparison = fields.List(fields.Nested(ComparedMeasure))
    townships = fields.List(fields.Nested(PrintedTownship))
    late = fields.List(fields.Nested(UnitDuties))
    ahead = fields.List(fields.Nested(DutyCount), metadata={"description": "Due until the end of its month"})


class BulletinOut(BulletinRow):
    contents = fields.Nested(BulletinContents)


BulletinPage = page_of(BulletinRow)
