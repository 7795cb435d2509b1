"""What intake and assignment say about a petition. Reading the list downwards is its way."""

from datetime import datetime, time
from typing import Any

from sqlalchemy.orm import Session

from services.supervision.matters.commands import hide, note, withdraw
from services.supervision.matters.rules import Kind
from shared import clock
from shared.bus.handlers import Event, handles
from shared.contracts import assignment, intake
from shared.contracts.assignment import SEATS

PETITION = ("petition_id", "number")


@handles(
    intake.PetitionRegisteredV1,
    uses=(*PETITION, "organ", "signature", "superior_assigned", "received_on", "registered_at"),
)
def on_petition_registered(event: Event, session: Session) -> None:
    hide(session, event["petition_id"], event["number"], event.get("excluded") or ())
    said = _of(event, "organ", "signature", "superior_assigned", "received_on")
    _note(session, event, Kind.REGISTERED, "registered_at", township=event.get("township"), **said)


@handles(
    intake.PetitionAcceptedV1,
    uses=(
        *PETITION,
        "category",
        "procedure",
        "organ",
        "signature",
        "township",
        "excluded",
        "superior_assigned",
        "accepted_at",
    ),
)
def on_petition_accepted(event: Event, session: Session) -> None:
    hide(session, event["petition_id"], event["number"], event["excluded"])
    said = _of(event, "category", "procedure", "organ", "signature", "township", "superior_assigned")
    _note(session, event, Kind.ACCEPTED, "accepted_at", **said)


@handles(intake.PetitionDeclinedV1, uses=(*PETITION, "declined_at"))
def on_petition_declined(event: Event, session: Session) -> None:
    _note(session, event, Kind.DECLINED, "declined_at", event["declined_at"].isoformat())


@handles(intake.PetitionTransferredV1, uses=(*PETITION, "transfer_id", "to_agency", "transferred_at"))
def on_petition_transferred(event: Event, session: Session) -> None:
    hide(session, event["petition_id"], event["number"], event.get("excluded") or ())
    _note(session, event, Kind.TRANSFERRED, "transferred_at", event["transfer_id"], **_of(event, "to_agency"))


@handles(intake.TransferSignedV1, uses=(*PETITION, "transfer_id", "signed_at"))
def on_transfer_signed(event: Event, session: Session) -> None:
    _note(session, event, Kind.SIGNED, "signed_at", event["transfer_id"])


@handles(intake.TransferReturnedV1, uses=(*PETITION, "transfer_id", "returned_at"))
def on_transfer_returned(event: Event, session: Session) -> None:
    _note(session, event, Kind.RETURNED, "returned_at", event["transfer_id"])


@handles(intake.PetitionWithdrawnV1, uses=PETITION)
def on_petition_withdrawn(event: Event, session: Session) -> None:
    withdraw(session, event["petition_id"], event["number"])


@handles(intake.InstructionSignedV1, uses=(*PETITION, "instruction_id", "addressee", "signed_at"))
def on_instruction_signed(event: Event, session: Session) -> None:
    said = {name: event.get(name) for name in ("due_on", "amends")}
    _note(
        session,
        event,
        Kind.INSTRUCTED,
        "signed_at",
        event["instruction_id"],
        addressee=event["addressee"],
        **said,
    )


@handles(assignment.CaseOpenedV1, uses=(*PETITION, *SEATS, "opened_at"))
def on_case_opened(event: Event, session: Session) -> None:
    hide(session, event["petition_id"], event["number"], event.get("excluded") or ())
    _note(session, event, Kind.OPENED, "opened_at", **_of(event, *SEATS))


@handles(assignment.CaseReroutedV1, uses=(*PETITION, *SEATS, "reason", "excluded", "rerouted_at"))
def on_case_rerouted(event: Event, session: Session) -> None:
    hide(session, event["petition_id"], event["number"], event["excluded"])
    ref = event["rerouted_at"].isoformat()
    _note(session, event, Kind.REROUTED, "rerouted_at", ref, **_of(event, *SEATS, "reason"))


@handles(assignment.PlanFixedV1, uses=(*PETITION, "plan_version", "due_on", "fixed_at"))
def on_plan_fixed(event: Event, session: Session) -> None:
    _note(session, event, Kind.PLANNED, "fixed_at", event["plan_version"], **_of(event, "due_on"))


@handles(assignment.CaseClosedV1, uses=(*PETITION, "round", "closed_at"))
def on_case_closed(event: Event, session: Session) -> None:
    _note(session, event, Kind.CLOSED, "closed_at", event["round"])


@handles(assignment.ReplyGivenV1, uses=(*PETITION, "round", "replied_on"))
def on_reply_given(event: Event, session: Session) -> None:
    day = datetime.combine(event["replied_on"], time(), clock.COUNTY_ZONE)
    note(session, event["petition_id"], event["number"], Kind.REPLIED, day, event["round"])


@handles(assignment.CaseReopenedV1, uses=(*PETITION, *SEATS, "round", "reopened_at"))
def on_case_reopened(event: Event, session: Session) -> None:
    hide(session, event["petition_id"], event["number"], event.get("excluded") or ())
    _note(session, event, Kind.REOPENED, "reopened_at", event["round"], **_of(event, *SEATS))


def _of(event: Event, *names: str) -> dict[str, Any]:
    return {name: event[name] for name in names}


def _note(session: Session, event: Event, kind: Kind, moment: str, ref: object = "", **data: Any) -> None:
    note(session, event["petition_id"], event["number"], kind, event[moment], ref, **data)
