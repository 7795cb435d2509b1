"""The HTTP shapes of the portal."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validates_schema
from marshmallow.validate import OneOf, Range

from services.intake.attachments.rules import Kind as FileKind
from services.intake.attachments.rules import Scan
from services.intake.identities.rules import Person
from services.intake.messages.rules import LONGEST as LONGEST_MESSAGE
from services.intake.petitioner_requests.rules import LONGEST as LONGEST_REQUEST
from services.intake.petitioner_requests.rules import Kind, State
from services.intake.petitioner_requests.schemas import KINDS
from services.intake.portal.rules import DUTIES_SHOWN, STATUSES, STEPS
from services.intake.registration.rules import NewPetition
from services.intake.registration.schemas import PlainPetition
from shared import clock
from shared.contracts.intake import DECLINE_REASONS, RATINGS
from shared.errors import N_
from shared.web import fields as f

WAYS = ("anonymous", "named", "joint")
OF_PEOPLE = ("person", "joint", "petitioner_count", "representatives")
KEPT_OF_WAY = {"named": ("person",), "joint": ("person", "petitioner_count", "representatives")}
# 检举控告工作规则 24: a real name comes with a telephone number or another contact.
NOT_REACHED = N_("Give a name, and a telephone number or an address; or bring it without a name.")
HOW_MANY = N_("A joint petition comes from 5 people or more. Give their number.")


class PortalPetitionIn(PlainPetition):
    """What anybody may submit: by name, or anonymous by leaving `person` out. Received today, by web."""

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewPetition:
        given = {"channel": "web", "received_on": clock.today(), **data}
        return super().make(given)


class PortalFormIn(PortalPetitionIn):
    """The form of the portal, which asks first how somebody comes: what belongs to another way is dropped."""

    how = fields.String(required=True, validate=OneOf(WAYS))

    @pre_load
    def leave_out(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        how = data.get("how")
        kept = KEPT_OF_WAY.get(str(how), ())
        shaped = {k: v for k, v in data.items() if k not in OF_PEOPLE or k in kept}
        return shaped | ({"joint": True} if how == "joint" else {})

    @validates_schema(skip_on_field_errors=False)  # so that all that is wrong is said at once
    def check_person(self, data: dict[str, Any], **_: Any) -> None:
        person, wrong = data.get("person") or Person(), dict[str, Any]()
        is_whole = isinstance(person, Person)  # else its own fields say what is wrong
        if data.get("how") in ("named", "joint") and is_whole and not person.can_be_reached:
            wrong["person"] = {"phone" if person.name else "name": [NOT_REACHED]}
        if data.get("how") == "joint" and not data.get("petitioner_count"):
            wrong["petitioner_count"] = [HOW_MANY]
        if wrong:
            raise ValidationError(wrong)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewPetition:
        data.pop("how")
        return super().make(data)


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


class NextOut(Schema):
    step = fields.String(validate=OneOf(STEPS))
    due_on = fields.Date(allow_none=True, metadata={"description": "By when, where a date applies"})


class OpenedOut(Named):
    at = fields.AwareDateTime()


class PortalMessageOut(Schema):
    text = fields.String()
    sent_at = fields.AwareDateTime()


class MessageShown(PortalMessageOut):
    from_petitioner = fields.Boolean()
    by = fields.Nested(Named, allow_none=True)
    is_new = fields.Boolean(metadata={"description": "Written by an office since the last look"})
    is_read = fields.Boolean(metadata={"description": "By the other side"})


class PortalAttachmentOut(Schema):
    """That a file is there; it is given back to nobody by the code."""

    name = fields.String()
    kind = fields.String(validate=OneOf([kind.value for kind in FileKind]))
    size = fields.Integer(metadata={"description": "Bytes"})
    scan = fields.String(
        validate=OneOf([scan.value for scan in Scan]), metadata={"description": "By the virus scanner"}
    )
    added_at = fields.AwareDateTime()


class AttachmentShown(PortalAttachmentOut):
    from_petitioner = fields.Boolean()


class PortalMessageIn(CodeIn):
    text = f.Paragraphs(1, LONGEST_MESSAGE, required=True)


class PortalRequestIn(CodeIn):
    kind = fields.Enum(Kind, by_value=True, required=True)
    text = f.Paragraphs(
        0,
        LONGEST_REQUEST,
        load_default="",
        metadata={"description": "What is wrong and what you want; needed but to withdraw consent"},
    )

    @validates_schema
    def check_text(self, data: dict[str, Any], **_: Any) -> None:
        if not data.get("text") and data.get("kind") is not Kind.WITHDRAW_CONSENT:
            raise ValidationError({"text": [N_("Say in a few words what is wrong and what you want.")]})


class PortalRequestOut(Schema):
    kind = fields.String(validate=OneOf(KINDS))
    text = fields.String()
    state = fields.String(validate=OneOf([state.value for state in State]))
    made_at = fields.AwareDateTime()
    due_on = fields.Date(allow_none=True, metadata={"description": "By when it is to be answered, if by law"})


class RequestShown(PortalRequestOut):
    answer = fields.String(allow_none=True)
    answered_by = fields.Nested(Named, allow_none=True)
    answered_at = fields.AwareDateTime(allow_none=True)


class StandingOut(Schema):
    number = fields.String()
    received_on = fields.Date()
    status = fields.String(validate=OneOf(STATUSES))
    in_charge = fields.List(fields.Nested(Named), metadata={"description": "Leader, office and team"})
    read_by = fields.List(fields.Nested(ReaderOut))
    dates = fields.List(fields.Nested(DateOut))
    next = fields.Nested(NextOut, allow_none=True, metadata={"description": "What comes next"})
    history = fields.List(fields.Nested(LineOut))
    outcome = fields.String(allow_none=True, metadata={"description": "Never shown of an accusation"})
    round = fields.Integer()
    ratable_round = fields.Integer(allow_none=True, metadata={"description": "The round to rate now, if any"})
    declined_because = fields.String(validate=OneOf(DECLINE_REASONS))
    where_to_go = fields.String()
    transferred_to = fields.Nested(Named)
    messages = fields.List(fields.Nested(MessageShown))
    attachments = fields.List(fields.Nested(AttachmentShown))
    requests = fields.List(fields.Nested(RequestShown))
    may_ask = fields.List(
        fields.String(validate=OneOf(KINDS)), metadata={"description": "What can be asked for now"}
    )
    publicity_consent = fields.Boolean()
    identity_opened = fields.List(
        fields.Nested(OpenedOut), metadata={"description": "Which posts looked at who you are, and when"}
    )
