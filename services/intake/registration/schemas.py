"""The HTTP shapes of a petition."""

from typing import Any

from marshmallow import Schema, fields, post_load
from marshmallow.validate import Length, OneOf, Range

from services.intake.identities.rules import Person
from services.intake.registration.rules import (
    LONGEST,
    LONGEST_OF_PERSON,
    LONGEST_TEXT,
    LONGEST_TITLE,
    MOST_PETITIONERS,
    MOST_REPRESENTATIVES,
    NewPetition,
)
from services.intake.screening.rules import State
from shared.contracts.intake import CHANNELS, ORGANS, SIGNATURES
from shared.web import fields as f
from shared.web.paging import PageArguments, page_of


class PersonIn(Schema):
    """Who brings it; left out for an anonymous petition."""

    name = f.Line(longest=LONGEST_OF_PERSON["name"], allow_none=True)
    phone = f.Line(longest=LONGEST_OF_PERSON["phone"], allow_none=True)
    id_number = f.Line(longest=LONGEST_OF_PERSON["id_number"], allow_none=True)
    address = f.Line(longest=LONGEST_OF_PERSON["address"], allow_none=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Person:
        return Person(**data)


class PlainPetition(Schema):
    """What anybody can say of a petition; who enters it adds the rest."""

    title = f.Line(longest=LONGEST_TITLE)
    text = f.Paragraphs(1, LONGEST_TEXT, required=True, metadata={"description": "At most 20,000 characters"})
    township = fields.String(allow_none=True, metadata={"description": "Township code"})
    place = f.Line(longest=LONGEST["place"], allow_none=True)
    content_class = fields.String(allow_none=True, metadata={"description": "Its two-digit code"})
    complained_of = f.Line(longest=LONGEST["complained_of"], allow_none=True)
    joint = fields.Boolean()
    petitioner_count = fields.Integer(validate=Range(1, MOST_PETITIONERS))
    publicity_consent = fields.Boolean(
        metadata={"description": "The petitioner lets the handling be made public; false where left out"}
    )
    person = fields.Nested(PersonIn)
    representatives = fields.List(
        fields.Nested(PersonIn),
        validate=Length(max=MOST_REPRESENTATIVES),
        metadata={"description": "Of a joint petition, `person` beside them; 5 at most in all"},
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewPetition:
        for name in ("representatives", "complained_of_units"):
            data[name] = tuple(data.get(name, ()))
        return NewPetition(**data)


class PetitionIn(PlainPetition):
    """What a clerk registers; the portal's form is PortalPetitionIn."""

    petition_id = fields.UUID(metadata={"description": "Chosen by you: a repeated request registers once"})
    channel = fields.String(required=True, validate=OneOf(CHANNELS))
    organ = fields.String(validate=OneOf(ORGANS))
    received_on = f.day(required=True)
    superior_assigned = fields.Boolean()
    source_number = f.Line(longest=LONGEST["source_number"], allow_none=True)
    complained_of_units = f.codes(
        metadata={"description": "Codes of the units complained of, where known already"}
    )


class PetitionRow(Schema):
    """A petition in a list: without its text."""

    id = fields.UUID()
    number = fields.String()
    state = fields.String(validate=OneOf([s.value for s in State]))
    channel = fields.String()
    signature = fields.String(validate=OneOf(SIGNATURES))
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
    representative_count = fields.Integer()
    organ = fields.String()
    procedure = fields.String(allow_none=True)
    source_number = fields.String(allow_none=True)
    publicity_consent = fields.Boolean(metadata={"description": "It can be withdrawn at any time"})
    registered_by = fields.String()


class RegisteredOut(Schema):
    petition = fields.Nested(PetitionOut)
    code = fields.String(allow_none=True, metadata={"description": "The query code, shown this once"})


class PetitionArguments(PageArguments):
    state = fields.Enum(State, by_value=True)
    township = f.code()
    channel = fields.String(validate=OneOf(CHANNELS))
    content_class = f.code()
    q = f.Line(longest=100, metadata={"description": "Words of number, title, place, township or class"})


class CodeNeeded(Schema):
    lost = fields.Boolean(
        metadata={"description": "The former one is lost: it opens nothing from now on, another is issued"}
    )


class CodeOut(Schema):
    code = fields.String(metadata={"description": "The query code, shown this once"})


PetitionPage = page_of(PetitionRow)
