"""What intake says about a petition: accepted, instructed, withdrawn."""

from sqlalchemy.orm import Session

from services.assignment.cases import commands, queries
from services.assignment.cases.models import InstructionReference
from services.assignment.cases.withdrawal import is_withdrawn, withdraw
from shared.bus.handlers import Event, TryLater, handles
from shared.contracts.intake import InstructionSignedV1, PetitionAcceptedV1, PetitionWithdrawnV1
from shared.errors import NotFound, OutOfOrder
from shared.identity.recusal import exclude, excluded_units

ACCEPTED = (
    "petition_id",
    "number",
    "category",
    "procedure",
    "organ",
    "signature",
    "township",
    "superior_assigned",
    "received_on",
    "accepted_at",
)


@handles(PetitionAcceptedV1, uses=(*ACCEPTED, "excluded"))
def on_petition_accepted(event: Event, session: Session) -> None:
    """Open its case; where it is open already, exclude whom a later screening names besides."""
    petition_id, units = event["petition_id"], set(event["excluded"])
    if is_withdrawn(session, petition_id):
        return
    case = queries.by_petition(session, petition_id)
    try:
        if case is None:
            exclude(session, petition_id, units)
            known = {name: event[name] for name in ACCEPTED}
            commands.open_case(session, commands.Accepted(**known, content_class=event.get("content_class")))
        elif new := units - excluded_units(session, petition_id):
            commands.exclude_from(session, case, new, by=None)
    except NotFound as error:
        raise TryLater(f"township {event['township']} is on no roster") from error
    except OutOfOrder as error:
        raise TryLater(str(error)) from error


@handles(
    InstructionSignedV1,
    uses=("petition_id", "instruction_id", "addressee", "signed_by", "on_delegation", "signed_at"),
)
def on_instruction_signed(event: Event, session: Session) -> None:
    """Keep the reference with the petition: it travels with the case, also when it comes first."""
    if is_withdrawn(session, event["petition_id"]):
        return
    if session.get(InstructionReference, event["instruction_id"]):
        return
    session.add(
        InstructionReference(
            instruction_id=event["instruction_id"],
            petition_id=event["petition_id"],
            addressee=event["addressee"],
            due_on=event.get("due_on"),
            signed_by=event["signed_by"],
            on_delegation=event["on_delegation"],
            amends=event.get("amends"),
            signed_at=event["signed_at"],
        )
    )


@handles(PetitionWithdrawnV1, uses=("petition_id", "withdrawn_at"))
def on_petition_withdrawn(event: Event, session: Session) -> None:
    """Drop its case; where this word comes first, none is opened later."""
    withdraw(session, event["petition_id"], event["withdrawn_at"])
