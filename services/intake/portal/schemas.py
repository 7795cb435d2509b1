"""The HTTP shapes of the portal."""

from typing import Any

from marshmallow import Schema, fields, post_load
from marshmallow.validate import OneOf, Range

from services.intake.portal.rules import DUTIES_SHOWN, STATUSES
from services.intake.registration.rules import NewPetition
from services.intake.registration.schemas import PlainPetition
from shared import clock
from shared.contracts.intake import DECLINE_REASONS, RATINGS


class PortalPetitionIn(PlainPetition):
    """What anybody may submit: by name, or anonymous by leaving `person` out. Received today, by web."""

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewPetition:
        given = {"channel": "web", "received_on": clock.today(), **data}
        return super().make(given)


class SubmittedOut(Schema):
    number = fields.String()
    code = fields.String(metadata={"description": "The query code, shown this once: keep it"})


class CodeIn(Schema):
    # Of no length in particular: whatever is no code is answered as a wrong one.
    code = fields.String(required=True, metadata={"description": "The query code, however typed"})


class RatingIn(CodeIn):
    rating = fields.String(required=True, validate=OneOf(RATINGS))
    round = fields.Integer(
        required=True, validate=Range(1, 1000), metadata={"description": "`ratable_round` of the lookup"}
    )


class RatingOut(Schema):
    rating = fields.String()
    round = fields.Integer()
    rated_at = fields.AwareDateTime()


class Named(Schema):
    code = fields.String()
    name = fields.String()
    name_en = fields.String()


class ReaderOut(Named):
    on = fields.Date()


class DateOut(Schema):
    """A date that applies; `done` is null while it runs."""

    duty = fields.String(validate=OneOf(DUTIES_SHOWN))
    due_on = fields.Date()
    stopped_on = fields.Date(allow_none=True)
    done = fields.Boolean(allow_none=True)


class LineOut(Schema):
    what = fields.String(metadata={"description": "A code such as registered, accepted, opened, closed"})
    on = fields.Date()


class StandingOut(Schema):
    number = fields.String()
    received_on = fields.Date()
    status = fields.String(validate=OneOf(STATUSES))
    in_charge = fields.List(fields.Nested(Named), metadata={"description": "Leader, office and team"})
    read_by = fields.List(fields.Nested(ReaderOut))
    dates = fields.List(fields.Nested(DateOut))
    history = fields.List(fields.Nested(LineOut))
    outcome = fields.String(allow_none=True, metadata={"description": "Never shown of an accusation"})
    round = fields.Integer()
    ratable_round = fields.Integer(allow_none=True, metadata={"description": "The round to rate now, if any"})
    declined_because = fields.String(validate=OneOf(DECLINE_REASONS))
    where_to_go = fields.String()
    transferred_to = fields.Nested(Named)
