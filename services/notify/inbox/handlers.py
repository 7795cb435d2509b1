"""What happened elsewhere, told to those concerned. Reading the list downwards is the way of a petition."""

from sqlalchemy.orm import Session

from services.notify.concerned.commands import route, situate
from services.notify.inbox.commands import announce, count_arrival, forget, hide
from shared.bus.handlers import Event, handles
from shared.contracts import assignment, intake, reporting, supervision
from shared.county import township_unit


@handles(intake.PetitionRegisteredV1, uses=("petition_id", "registered_at"))
def on_petition_registered(event: Event, session: Session) -> None:
    hide(session, event["petition_id"], event.get("excluded") or ())
    count_arrival(session, event["petition_id"], event["registered_at"])


@handles(intake.PetitionAcceptedV1, uses=("petition_id", "excluded", "township"))
def on_petition_accepted(event: Event, session: Session) -> None:
    hide(session, event["petition_id"], event["excluded"])
    situate(session, event["petition_id"], event["township"])


@handles(intake.PetitionTransferredV1, uses=("petition_id", "number", "to_agency"))
def on_petition_transferred(event: Event, session: Session) -> None:
    hide(session, event["petition_id"], event.get("excluded") or ())
    announce(session, event, "petition.transferred", named=(event["to_agency"],))


@handles(intake.TransferSignedV1, uses=("petition_id", "number"))
def on_transfer_signed(event: Event, session: Session) -> None:
    announce(session, event, "transfer.signed")


@handles(intake.TransferReturnedV1, uses=("petition_id", "number"))
def on_transfer_returned(event: Event, session: Session) -> None:
    announce(session, event, "transfer.returned")


@handles(intake.PetitionWithdrawnV1, uses=("petition_id",))
def on_petition_withdrawn(event: Event, session: Session) -> None:
    forget(session, event["petition_id"])


@handles(intake.InstructionSignedV1, uses=("petition_id", "number", "addressee"))
def on_instruction_signed(event: Event, session: Session) -> None:
    announce(session, event, "instruction.signed", named=(event["addressee"],), due_on=event.get("due_on"))


@handles(
    assignment.CaseOpenedV1,
    uses=("petition_id", "number", "township", "leader", "office", "team", "opened_at"),
)
def on_case_opened(event: Event, session: Session) -> None:
    # It may overtake the word of intake, which says it too.
    hide(session, event["petition_id"], event.get("excluded") or ())
    situate(session, event["petition_id"], event["township"])
    _route(session, event, "opened_at")
    announce(session, event, "case.opened")


@handles(
    assignment.CaseReroutedV1,
    uses=("petition_id", "number", "leader", "office", "team", "reason", "excluded", "rerouted_at"),
)
def on_case_rerouted(event: Event, session: Session) -> None:
    hide(session, event["petition_id"], event["excluded"])
    before = _route(session, event, "rerouted_at")
    # After a recusal those who had it are to hear no more of it.
    named = before if event["reason"] != "recusal" else frozenset()
    announce(session, event, "case.rerouted", named=named)


@handles(assignment.PlanFixedV1, uses=("petition_id", "number", "due_on"))
def on_plan_fixed(event: Event, session: Session) -> None:
    announce(session, event, "plan.fixed", due_on=event["due_on"])


@handles(assignment.ClosingProposedV1, uses=("petition_id", "number"))
def on_closing_proposed(event: Event, session: Session) -> None:
    announce(session, event, "closing.proposed")


@handles(assignment.ClosingCheckedV1, uses=("petition_id", "number", "level", "passed"))
def on_closing_checked(event: Event, session: Session) -> None:
    if not event["passed"]:
        announce(session, event, "closing.sent_back")
    elif event["level"] == 1:  # after the second, case.closed tells the rest
        announce(session, event, "closing.passed")


@handles(assignment.CaseClosedV1, uses=("petition_id", "number"))
def on_case_closed(event: Event, session: Session) -> None:
    announce(session, event, "case.closed")


@handles(assignment.ReplyGivenV1, uses=("petition_id", "number"))
def on_reply_given(event: Event, session: Session) -> None:
    announce(session, event, "reply.given")


@handles(intake.PetitionRatedV1, uses=("petition_id", "number"))
def on_petition_rated(event: Event, session: Session) -> None:
    announce(session, event, "petition.rated")


@handles(intake.MessageReceivedV1, uses=("petition_id", "number"))
def on_message_received(event: Event, session: Session) -> None:
    announce(session, event, "message.received")


@handles(intake.RequestMadeV1, uses=("petition_id", "number", "kind"))
def on_request_made(event: Event, session: Session) -> None:
    announce(session, event, f"request.{event['kind']}")


@handles(
    assignment.CaseReopenedV1,
    uses=("petition_id", "number", "leader", "office", "team", "reopened_at"),
)
def on_case_reopened(event: Event, session: Session) -> None:
    hide(session, event["petition_id"], event.get("excluded") or ())
    _route(session, event, "reopened_at")
    announce(session, event, "case.reopened")


@handles(supervision.ClockMovedV1, uses=("petition_id", "number", "holder", "due_on", "reason"))
def on_clock_moved(event: Event, session: Session) -> None:
    if event["reason"] != "handover":  # case.rerouted told that
        announce(session, event, "clock.moved", named=(event["holder"],), due_on=event["due_on"])


@handles(supervision.ClockWarnedV1, uses=("petition_id", "number", "holder", "due_on"))
def on_clock_warned(event: Event, session: Session) -> None:
    announce(session, event, "clock.warned", named=(event["holder"],), due_on=event["due_on"])


@handles(supervision.ClockExpiredV1, uses=("petition_id", "number", "holder", "due_on"))
def on_clock_expired(event: Event, session: Session) -> None:
    announce(session, event, "clock.expired", named=(event["holder"],), due_on=event["due_on"])


@handles(assignment.RosterChangedV1, uses=("township", "leader", "office", "team", "valid_from"))
def on_roster_changed(event: Event, session: Session) -> None:
    named = (event["leader"], event["office"], event["team"], township_unit(event["township"]))
    announce(
        session,
        event,
        "roster.changed",
        named=named,
        due_on=event["valid_from"],
        reference=event["township"],
    )


@handles(reporting.SummaryIssuedV1, uses=("month",))
def on_summary_issued(event: Event, session: Session) -> None:
    announce(session, event, "summary.issued", reference=event["month"])


@handles(reporting.BulletinIssuedV1, uses=("document_number",))
def on_bulletin_issued(event: Event, session: Session) -> None:
    announce(session, event, "bulletin.issued", reference=event["document_number"])


@handles(supervision.LetterIssuedV1, uses=("document_number", "addressee", "reply_by"))
def on_letter_issued(event: Event, session: Session) -> None:
    announce(
        session,
        event,
        "letter.issued",
        named=(event["addressee"],),
        due_on=event["reply_by"],
        reference=event["document_number"],
    )


def _route(session: Session, event: Event, at: str) -> frozenset[str]:
    return route(
        session,
        event["petition_id"],
        event[at],
        leader=event["leader"],
        office=event["office"],
        team=event["team"],
    )
