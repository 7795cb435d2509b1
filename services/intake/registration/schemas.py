"""The HTTP shapes of a petition."""

from typing import Any

from marshmallow import Schema, fields, post_load
from marshmallow.validate import Length, OneOf, Range

from services.intake.identities.store import Person
from services.intake.registration.rules import NewPetition, State
from shared.contracts.intake import CHANNELS, ORGANS
from shared.web.paging import PageArguments, page_of


class PersonIn(Schema):
    """Who brings it; left out for an anonymous petition."""

    name = fields.String(allow_none=True, validate=Length(max=100))
    phone = fields.String(allow_none=True, validate=Length(max=40))
    id_number = fields.String(allow_none=True, validate=Length(max=40))
    address = fields.String(allow_none=True, validate=Length(max=300))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Person:
        return Person(**data)


class PetitionIn(Schema):
    """What a clerk registers; the portal's form is PortalIn."""

    petition_id = fields.UUID(metadata={"description": "Chosen by you: a repeated request registers once"})
    channel = fields.String(required=True, validate=OneOf(CHANNELS))
    organ = fields.String(validate=OneOf(ORGANS))
    title = fields.String(validate=Length(max=300))
    text = fields.String(required=True, metadata={"description": "At most 20,000 characters"})
    received_on = fields.Date(required=True)
    township = fields.String(allow_none=True, metadata={"description": "Township code"})
    place = fields.String(allow_none=True, validate=Length(max=200))
    content_class = fields.String(allow_none=True)
    complained_of = fields.String(allow_none=True, validate=Length(max=300))
    joint = fields.Boolean()
    petitioner_count = fields.Integer(validate=Range(1, 100_000))
    superior_assigned = fields.Boolean()
    source_number = fields.String(allow_none=True, validate=Length(max=100))
    person = fields.Nested(PersonIn)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewPetition:
        return NewPetition(**data)


class PetitionRow(Schema):
    """A petition in a list: without its text."""

    id = fields.UUID()
    number = fields.String()
    state = fields.String(validate=OneOf([s.value for s in State]))
    channel = fields.String()
    signature = fields.String()
    title = fields.String()
    township = fields.String(allow_none=True)
    content_class = fields.String(allow_none=True)
    category = fields.String(allow_none=True)
    superior_assigned = fields.Boolean()
    received_on = fields.Date()
    registered_at = fields.AwareDateTime()
    version = fields.Integer(metadata={"description": "Give it back with the next step"})


class PetitionOut(PetitionRow):
    """A whole petition; who brought it is asked for separately, with a reason."""

    text = fields.String()
    place = fields.String(allow_none=True)
    complained_of = fields.String(allow_none=True)
    petitioner_count = fields.Integer()
    organ = fields.String()
    procedure = fields.String(allow_none=True)
    source_number = fields.String(allow_none=True)
    registered_by = fields.String()


class RegisteredOut(Schema):
    petition = fields.Nested(PetitionOut)
    code = fields.String(allow_none=True, metadata={"description": "The query code, shown this once"})


class PetitionArguments(PageArguments):
    state = fields.Enum(State, by_value=True)
    township = fields.String(validate=Length(max=16))
    channel = fields.String(validate=OneOf(CHANNELS))


class Reason(Schema):
    reason = fields.String(required=True, validate=Length(4, 300), metadata={"description": "Why"})


class PersonOut(Schema):
    name = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    id_number = fields.String(allow_none=True)
    address = fields.String(allow_none=True)


PetitionPage = page_of(PetitionRow)
