"""The HTTP shapes of the first reading."""

from typing import Any

from marshmallow import Schema, fields, post_load

from services.intake.first_reading.commands import NewInstruction
from services.intake.registration.schemas import PetitionRow
from shared.web import fields as f
from shared.web.paging import page_of


class InstructionIn(Schema):
    text = f.Paragraphs(2, 5000, required=True)
    addressee = f.code(required=True, metadata={"description": "Code of the unit"})
    due_on = f.day(allow_none=True, metadata={"description": "Today or later"})
    amends = fields.UUID(
        allow_none=True, metadata={"description": "The instruction that it takes the place of"}
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewInstruction:
        return NewInstruction(**data)


class InstructionOut(Schema):
    id = fields.UUID()
    text = fields.String()
    addressee = fields.String()
    due_on = fields.Date(allow_none=True)
    signed_by = fields.String(metadata={"description": "The post that signed"})
    delegation_id = fields.UUID(allow_none=True, metadata={"description": "Signed by a deputy on it"})
    amends = fields.UUID(allow_none=True)
    signed_at = fields.AwareDateTime()


class ReadingOut(Schema):
    read_by = fields.String(metadata={"description": "The post that read it"})
    delegation_id = fields.UUID(allow_none=True)
    read_at = fields.AwareDateTime()


class DelegationIn(Schema):
    deputy = f.code(required=True, metadata={"description": "Code of the post"})
    starts_on = f.day(required=True)
    ends_on = f.day(required=True, metadata={"description": "The last day, itself included"})


class DelegationOut(Schema):
    id = fields.UUID()
    deputy = fields.String()
    starts_on = fields.Date()
    ends_on = fields.Date()
    given_by = fields.String()
    given_at = fields.AwareDateTime()
    revoked_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer(metadata={"description": "Give it back with the next step"})


class ToBeReadRow(PetitionRow):
    text = fields.String()


ReadingListPage = page_of(ToBeReadRow)
