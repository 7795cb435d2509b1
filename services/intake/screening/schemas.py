"""The HTTP shapes of screening."""

from typing import Any

from marshmallow import Schema, fields, post_load
from marshmallow.validate import Length, OneOf

from services.intake.screening.commands import Acceptance
from services.intake.screening.rules import Step
from shared.contracts.intake import CATEGORIES, DECLINE_REASONS, PROCEDURES
from shared.web import fields as f
from shared.web.versions import StepSchema

COMPLAINED_OF = {"description": "Codes of the units complained of: they learn nothing of it"}


class AcceptIn(StepSchema):
    category = fields.String(required=True, validate=OneOf(CATEGORIES))
    procedure = fields.String(
        allow_none=True,
        validate=OneOf(PROCEDURES),
        metadata={"description": "Left out: the usual one for the category and the organ"},
    )
    township = fields.String(
        allow_none=True, metadata={"description": "Needed where none is registered"}, validate=Length(max=16)
    )
    content_class = fields.String(allow_none=True, validate=Length(max=16))
    superior_assigned = fields.Boolean()
    complained_of_units = f.codes(metadata=COMPLAINED_OF)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        version = data.pop("version")
        units = tuple(data.pop("complained_of_units", ()))
        return {"version": version, "decision": Acceptance(**data, complained_of_units=units)}


class DeclineIn(StepSchema):
    reason = fields.String(required=True, validate=OneOf(DECLINE_REASONS))
    where_to_go = f.Paragraphs(
        2,
        1000,
        required=True,
        metadata={"description": "Told to the petitioner: who is competent, by which way"},
    )


class TransferIn(StepSchema):
    to_agency = f.code(required=True, metadata={"description": "Code of the unit"})
    complained_of_units = f.codes(metadata=COMPLAINED_OF)


class DecisionOut(Schema):
    step = fields.String(validate=OneOf([s.value for s in Step]))
    by = fields.String(metadata={"description": "The post that decided"})
    at = fields.AwareDateTime()
    category = fields.String(allow_none=True)
    procedure = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    to_agency = fields.String(allow_none=True)
    note = fields.String(allow_none=True)
