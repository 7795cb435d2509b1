"""The HTTP shapes of identities, their access log and the requests for agreement."""

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from services.intake.identities.rules import LONGEST_REASON, SHORTEST_REASON, Act, Asked
from shared.web import fields as f
from shared.web.versions import StepSchema


class Reason(Schema):
    reason = f.Line(SHORTEST_REASON, LONGEST_REASON, required=True, metadata={"description": "Why"})


class PersonOut(Schema):
    name = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    id_number = fields.String(allow_none=True)
    address = fields.String(allow_none=True)


class IdentityOut(Schema):
    people = fields.List(
        fields.Nested(PersonOut), metadata={"description": "One; of a joint petition all representatives"}
    )


class IdentityAccessOut(Schema):
    """An entry of the access log; `granted` where somebody saw who it is."""

    post = fields.String()
    at = fields.AwareDateTime()
    act = fields.String(validate=OneOf([act.value for act in Act]))
    granted = fields.Boolean()
    reason = fields.String()


class OpeningRequestOut(Schema):
    """A request for a second person's agreement; agreed, it is good for one look within 24 hours."""

    id = fields.UUID()
    petition_id = fields.UUID()
    asked_by = fields.String()
    reason = fields.String()
    asked_at = fields.AwareDateTime()
    state = fields.String(validate=OneOf([state.value for state in Asked]))
    decided_by = fields.String(allow_none=True)
    decided_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()


class DecisionIn(StepSchema):
    agreed = fields.Boolean(required=True, metadata={"description": "false refuses"})
