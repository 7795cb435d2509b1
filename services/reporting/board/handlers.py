"""Every event that the board is made of."""

from sqlalchemy.orm import Session

from services.reporting.board import commands
from shared import clock
from shared.bus.handlers import Event, handles
from shared.contracts import assignment, intake, supervision
from shared.contracts.assignment import SEATS
from shared.identity.recusal import exclude

PETITION = ("petition_id", "number")
CLOCK = (*PETITION, "clock_id", "duty", "holder", "due_on")
SAID = ("organ", "signature", "superior_assigned", "received_on")


@handles(intake.PetitionRegisteredV1, uses=(*PETITION, *SAID, "channel", "registered_at"))
def on_petition_registered(event: Event, session: Session) -> None:
    commands.register(session, event)


@handles(
    intake.PetitionAcceptedV1,
    uses=(*PETITION, *SAID, "township", "category", "excluded", "accepted_at"),
)
def on_petition_accepted(event: Event, session: Session) -> None:
    commands.accept(session, event)


@handles(intake.PetitionDeclinedV1, uses=(*PETITION, "declined_at"))
def on_petition_declined(event: Event, session: Session) -> None:
    with commands.changing(session, event) as petition:
        petition.declined_on = clock.local_date(event["declined_at"])
        commands.screen(petition, "declined", event["declined_at"])


@handles(intake.PetitionTransferredV1, uses=(*PETITION, "transferred_at"))
def on_petition_transferred(event: Event, session: Session) -> None:
    with commands.changing(session, event) as petition:
        exclude(session, petition.petition_id, event.get("excluded") or ())
        given = clock.local_date(event["transferred_at"])
        petition.transferred_on = commands.latest(petition.transferred_on, given)
        commands.screen(petition, "transferred", event["transferred_at"])


@handles(intake.TransferReturnedV1, uses=(*PETITION, "returned_at"))
def on_transfer_returned(event: Event, session: Session) -> None:
    with commands.changing(session, event) as petition:
        commands.screen(petition, "returned", event["returned_at"])


@handles(intake.PetitionWithdrawnV1, uses=PETITION)
def on_petition_withdrawn(event: Event, session: Session) -> None:
    with commands.changing(session, event) as petition:
        petition.withdrawn = True


@handles(intake.PetitionRatedV1, uses=(*PETITION, "round", "rating", "rated_at"))
def on_petition_rated(event: Event, session: Session) -> None:
    with commands.changing(session, event) as petition:
        commands.rate(petition, event)


@handles(assignment.CaseOpenedV1, uses=(*PETITION, *SEATS, "opened_at"))
def on_case_opened(event: Event, session: Session) -> None:
    with commands.changing(session, event) as petition:
        exclude(session, petition.petition_id, event.get("excluded") or ())
        petition.opened_on = clock.local_date(event["opened_at"])
        commands.route(petition, event, "opened", event["opened_at"])
        commands.settle_state(petition)


@handles(assignment.CaseReroutedV1, uses=(*PETITION, *SEATS, "excluded", "rerouted_at"))
def on_case_rerouted(event: Event, session: Session) -> None:
    with commands.changing(session, event) as petition:
        exclude(session, petition.petition_id, event["excluded"])
        commands.route(petition, event, "rerouted", event["rerouted_at"])


@handles(assignment.HandlingRecordedV1, uses=(*PETITION, "occurred_on"))
def on_handling_recorded(event: Event, session: Session) -> None:
    with commands.changing(session, event) as petition:
        petition.last_handled_on = commands.latest(petition.last_handled_on, event["occurred_on"])


@handles(assignment.CaseClosedV1, uses=(*PETITION, "round", "outcome", "closed_at"))
def on_case_closed(event: Event, session: Session) -> None:
    with commands.changing(session, event) as petition:
        commands.close(petition, event)


@handles(assignment.CaseReopenedV1, uses=(*PETITION, *SEATS, "round", "reopened_at"))
def on_case_reopened(event: Event, session: Session) -> None:
    with commands.changing(session, event) as petition:
        exclude(session, petition.petition_id, event.get("excluded") or ())
        petition.reopened_round = max(petition.reopened_round, event["round"])
        commands.route(petition, event, "reopened", event["reopened_at"])
        commands.settle_state(petition)


@handles(supervision.ClockStartedV1, uses=CLOCK)
def on_clock_started(event: Event, session: Session) -> None:
    commands.tick(session, event, "started")


@handles(supervision.ClockMovedV1, uses=CLOCK)
def on_clock_moved(event: Event, session: Session) -> None:
    commands.tick(session, event, "moved")


@handles(supervision.ClockWarnedV1, uses=CLOCK)
def on_clock_warned(event: Event, session: Session) -> None:
    commands.tick(session, event, "warned")


@handles(supervision.ClockExpiredV1, uses=CLOCK)
def on_clock_expired(event: Event, session: Session) -> None:
    commands.tick(session, event, "expired", late=True)


@handles(supervision.ClockStoppedV1, uses=(*CLOCK, "stopped_on", "late"))
def on_clock_stopped(event: Event, session: Session) -> None:
    commands.tick(session, event, "stopped", stopped_on=event["stopped_on"], late=event["late"])
