"""What intake learns from assignment and supervision about its own petitions."""

from sqlalchemy.orm import Session

from services.intake.progress.commands import note_step, progress_of, put_in_charge
from services.intake.progress.models import ProgressClock
from shared import clock
from shared.bus.handlers import Event, handles
from shared.contracts.assignment import (
    CaseClosedV1,
    CaseOpenedV1,
    CaseReopenedV1,
    CaseReroutedV1,
    HandlingRecordedV1,
    PlanFixedV1,
    ReplyGivenV1,
)
from shared.contracts.supervision import ClockMovedV1, ClockStartedV1, ClockStoppedV1
from shared.identity.recusal import exclude


@handles(CaseOpenedV1, uses=("petition_id", "leader", "office", "team", "opened_at"))
def on_case_opened(event: Event, session: Session) -> None:
    """The petition has a leader."""
    if found := progress_of(session, event["petition_id"]):
        exclude(session, found.petition_id, event.get("excluded") or ())
        put_in_charge(found, event["leader"], event["office"], event["team"], event["opened_at"])
        on = clock.local_date(event["opened_at"])
        note_step(session, found.petition_id, "opened", 1, on=on, at=event["opened_at"])


@handles(CaseReroutedV1, uses=("petition_id", "leader", "office", "team", "excluded", "rerouted_at"))
def on_case_rerouted(event: Event, session: Session) -> None:
    """Others are in charge now; whoever was recused sees it no more."""
    if found := progress_of(session, event["petition_id"]):
        exclude(session, found.petition_id, event["excluded"])
        put_in_charge(found, event["leader"], event["office"], event["team"], event["rerouted_at"])
        moment = event["rerouted_at"]
        on = clock.local_date(moment)
        note_step(session, found.petition_id, "rerouted", moment.timestamp(), on=on, at=moment)


@handles(PlanFixedV1, uses=("petition_id", "plan_version", "due_on", "fixed_at"))
def on_plan_fixed(event: Event, session: Session) -> None:
    """There is a plan, with its time limit."""
    if found := progress_of(session, event["petition_id"]):
        if event["plan_version"] > found.plan_version:
            found.plan_version, found.plan_due_on = event["plan_version"], event["due_on"]
        on = clock.local_date(event["fixed_at"])
        note_step(session, found.petition_id, "planned", event["plan_version"], on=on, at=event["fixed_at"])


@handles(HandlingRecordedV1, uses=("petition_id", "entry_id", "occurred_on"))
def on_handling_recorded(event: Event, session: Session) -> None:
    """Something was done; what, stays with assignment."""
    if found := progress_of(session, event["petition_id"]):
        found.handled_on = max(found.handled_on or event["occurred_on"], event["occurred_on"])
        on = event["occurred_on"]
        note_step(session, found.petition_id, "handled", event["entry_id"], on=on, at=event.occurred_at)


@handles(CaseClosedV1, uses=("petition_id", "round", "outcome", "closed_at"))
def on_case_closed(event: Event, session: Session) -> None:
    """A round of handling is closed."""
    if found := progress_of(session, event["petition_id"]):
        if event["round"] > found.closed_round:
            found.closed_round, found.outcome = event["round"], event["outcome"]
        found.round = max(found.round, event["round"])
        on = clock.local_date(event["closed_at"])
        note_step(session, found.petition_id, "closed", event["round"], on=on, at=event["closed_at"])


@handles(ReplyGivenV1, uses=("petition_id", "round", "replied_on"))
def on_reply_given(event: Event, session: Session) -> None:
    """The petitioner was told the result."""
    if found := progress_of(session, event["petition_id"]):
        found.replied_round = max(found.replied_round, event["round"])
        found.round = max(found.round, event["round"])
        on = event["replied_on"]
        note_step(session, found.petition_id, "replied", event["round"], on=on, at=event.occurred_at)


@handles(CaseReopenedV1, uses=("petition_id", "round", "leader", "office", "team", "reopened_at"))
def on_case_reopened(event: Event, session: Session) -> None:
    """Another round begins, with others in charge."""
    if found := progress_of(session, event["petition_id"]):
        exclude(session, found.petition_id, event.get("excluded") or ())
        found.round = max(found.round, event["round"])
        put_in_charge(found, event["leader"], event["office"], event["team"], event["reopened_at"])
        on = clock.local_date(event["reopened_at"])
        note_step(session, found.petition_id, "reopened", event["round"], on=on, at=event["reopened_at"])


@handles(ClockStartedV1, uses=("petition_id", "clock_id", "duty", "due_on"))
def on_clock_started(event: Event, session: Session) -> None:
    """A date applies from now on."""
    _clock_of(event, session)


@handles(ClockMovedV1, uses=("petition_id", "clock_id", "duty", "due_on", "moved_at", "reason"))
def on_clock_moved(event: Event, session: Session) -> None:
    """A date was moved; that it was extended is told to the petitioner (条例 34)."""
    found = _clock_of(event, session)
    if found is None:
        return
    moment = event["moved_at"]
    if found.moved_at is None or moment >= found.moved_at:
        found.moved_at = moment
        if found.stopped_on is None:  # the end carries the last of its days
            found.due_on = event["due_on"]
    if event["reason"] == "extension":
        mark = f"{found.clock_id.hex[:16]}-{moment.timestamp()}"
        on = clock.local_date(moment)
        note_step(session, found.petition_id, "extended", mark, on=on, at=moment)


@handles(ClockStoppedV1, uses=("petition_id", "clock_id", "duty", "due_on", "stopped_on", "done"))
def on_clock_stopped(event: Event, session: Session) -> None:
    """A duty was done or fell away."""
    if found := _clock_of(event, session):
        found.due_on, found.stopped_on, found.done = event["due_on"], event["stopped_on"], event["done"]


def _clock_of(event: Event, session: Session) -> ProgressClock | None:
    progress = progress_of(session, event["petition_id"])
    if progress is None:
        return None
    found = None if progress in session.new else session.get(ProgressClock, event["clock_id"])
    if found is None:
        found = ProgressClock(
            clock_id=event["clock_id"],
            petition_id=event["petition_id"],
            duty=event["duty"],
            due_on=event["due_on"],
        )
        session.add(found)
    return found
