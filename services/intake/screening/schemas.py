"""The HTTP shapes of screening."""

from typing import Any

from marshmallow import Schema, fields, post_load
from marshmallow.validate import Length, OneOf

from services.intake.screening.commands import Acceptance
from services.intake.screening.rules import Step
from shared.contracts.intake import CATEGORIES, DECLINE_REASONS, PROCEDURES
from shared.web.fields import Paragraphs
from shared.web.versions import StepSchema


def complained_of_units() -> fields.List[str]:
    return fields.List(
        fields.String(validate=Length(1, 64)),
        validate=Length(max=50),
        metadata={"description": "Codes of the units complained of: they learn nothing of it"},
    )


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
    complained_of_units = complained_of_units()

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        version = data.pop("version")
        units = tuple(data.pop("complained_of_units", ()))
        return {"version": version, "decision": Acceptance(**data, complained_of_units=units)}


class DeclineIn(StepSchema):
    reason = fields.String(required=True, validate=OneOf(DECLINE_REASONS))
    where_to_go = Paragraphs(
        2,
        1000,
        required=True,
        metadata={"description": "Told to the petitioner: who is competent, by which way"},
    )


class TransferIn(StepSchema):
    to_agency = fields.String(required=True, validate=Length(1, 64))
    complained_of_units = complained_of_units()


class DecisionOut(Schema):
    step = fields.String(validate=OneOf([s.value for s in Step]))
    by = fields.String(metadata={"description": "The post that decided"})
    at = fields.AwareDateTime()
    category = fields.String(allow_none=True)
    procedure = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    to_agency = fields.String(allow_none=True)
    note = fields.String(allow_none=True)
