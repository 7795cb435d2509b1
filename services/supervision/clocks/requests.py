"""Extensions and pauses: the holder asks, the head decides, the date moves and the first one stays.

条例 34: approved by the head of the organ, and the petitioner is told the reasons.
"""

from datetime import date
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.supervision.clocks import events, queries
from services.supervision.clocks.models import Clock, ClockRequest, Pause
from services.supervision.clocks.rules import (
    APPROVED,
    EXTENSION,
    PAUSE,
    PENDING,
    REFUSED,
    State,
    check_extension,
    check_running,
)
from services.supervision.clocks.settle import recount
from services.supervision.matters.commands import note
from services.supervision.matters.models import Matter
from services.supervision.matters.rules import Kind
from shared import clock as time
from shared.errors import N_, Forbidden, Invalid, NotFound, OutOfOrder
from shared.identity.roles import Role, Viewer
from shared.web.versions import check_version


def ask_extension(
    session: Session, clock_id: UUID, *, days: int, reasons: str, by: Viewer, version: int
) -> ClockRequest:
    """Ask for more calendar days. Raises OutOfOrder, Invalid with the article; Forbidden for others."""
    found = _held_clock(session, clock_id, by, version)
    check_extension(found.term, days, found.due_on, _granted(found))
    return _ask(session, found, EXTENSION, reasons, by, days=days)


def ask_pause(
    session: Session, clock_id: UUID, *, reason: str, reasons: str, by: Viewer, version: int
) -> ClockRequest:
    """Ask that the clock stand still, for a reason (code). Raises OutOfOrder; Forbidden for others."""
    found = _held_clock(session, clock_id, by, version)
    return _ask(session, found, PAUSE, reasons, by, reason=reason)


def decide(
    session: Session, request_id: UUID, *, approved: bool, reasons: str | None, by: Viewer, version: int
) -> ClockRequest:
    """The head approves, and the clock moves or stands still from today on; or refuses, with reasons.

    Raises OutOfOrder where it was decided before, or the last day has passed meanwhile.
    """
    request = _request(session, request_id, by)
    if request.state != PENDING:
        raise OutOfOrder(N_("This request was decided already."))
    check_version(request, version)
    if not approved and not (reasons or "").strip():
        raise Invalid(N_("Say why it is refused."), field="reasons")
    found = request.clock
    if approved:
        check_running(found.state, found.due_on, time.today())
        if request.kind == EXTENSION:
            check_extension(found.term, request.days or 0, found.due_on, _granted(found))
    request.state = APPROVED if approved else REFUSED
    request.decided_by, request.decided_at, request.decision_reasons = by.post, time.now(), reasons
    session.flush()
    if approved:
        _carry_out(session, found, request)
    session.flush()
    return request


def resume(session: Session, clock_id: UUID, *, by: Viewer, version: int) -> Clock:
    """The clock runs again from today on; its last day moves by the paused time."""
    found = queries.clock_for(session, by, clock_id)
    if by.role not in (Role.HEAD, Role.SUPERVISOR):
        _check_holder(session, found, by)
    if found.state != State.PAUSED:
        raise OutOfOrder(N_("This clock is not paused."))
    check_version(found, version)
    for pause in found.pauses:
        if pause.resumed_on is None:
            pause.resumed_on, pause.resumed_by = time.today(), by.post
    found.state = State.RUNNING
    recount(session, found)
    events.moved(session, found, PAUSE)
    session.flush()
    return found


def tell_petitioner(
    session: Session, request_id: UUID, *, told_on: date, by: Viewer, version: int
) -> ClockRequest:
    """Record on which day the petitioner was told the reasons of an extension (条例 34)."""
    request = _request(session, request_id, by)
    _check_holder(session, request.clock, by)
    if request.kind != EXTENSION or request.state != APPROVED:
        raise OutOfOrder(N_("Only of an extension that was granted the petitioner is told."))
    check_version(request, version)
    assert request.decided_at is not None
    if not time.local_date(request.decided_at) <= told_on <= time.today():
        raise Invalid(N_("Give a day from the approval up to today."), field="told_on")
    request.told_on = told_on
    session.flush()
    return request


def complete(session: Session, clock_id: UUID, *, by: Viewer, version: int) -> Clock:
    """The addressee of an instruction reports that it is carried out; its clock stops."""
    found = _held_clock(session, clock_id, by, version, late_too=True)
    if found.duty != "instruction":
        raise OutOfOrder(N_("Only an instruction is reported done here. Take the step itself instead."))
    note(session, found.petition_id, found.number, Kind.COMPLETED, time.now(), found.ref)
    return found


def _carry_out(session: Session, found: Clock, request: ClockRequest) -> None:
    if request.kind == EXTENSION:
        recount(session, found)
        events.moved(session, found, EXTENSION)
        return
    found.state, found.look_again_on = State.PAUSED, None
    found.pauses.append(
        Pause(id=uuid4(), request_id=request.id, reason=request.reason or "", paused_on=time.today())
    )
    events.moved(session, found, PAUSE)


def _ask(
    session: Session,
    found: Clock,
    kind: str,
    reasons: str,
    by: Viewer,
    *,
    days: int | None = None,
    reason: str | None = None,
) -> ClockRequest:
    if any(request.state == PENDING for request in found.requests):
        raise OutOfOrder(N_("A request about this clock waits for the head's decision already."))
    request = ClockRequest(
        id=uuid4(),
        clock=found,
        kind=kind,
        state=PENDING,
        days=days,
        reason=reason,
        reasons=reasons,
        asked_by=by.post,
        asked_unit=by.unit,
        asked_at=time.now(),
    )
    session.add(request)
    session.flush()
    return request


def _held_clock(
    session: Session, clock_id: UUID, by: Viewer, version: int, *, late_too: bool = False
) -> Clock:
    """A running clock of the viewer's, locked in the version that was read."""
    found = queries.clock_for(session, by, clock_id)
    _check_holder(session, found, by)
    check_running(found.state, time.today() if late_too else found.due_on, time.today())
    check_version(found, version)
    return found


def _check_holder(session: Session, found: Clock, by: Viewer) -> None:
    matter = session.get_one(Matter, found.petition_id)
    if by.unit not in {found.holder, matter.leader, matter.office}:
        raise Forbidden(N_("This belongs to the unit whose duty it is, or to those in charge of the case."))


def _request(session: Session, request_id: UUID, by: Viewer) -> ClockRequest:
    found = session.scalar(queries.requests_for(by, None).where(ClockRequest.id == request_id))
    if found is None:
        raise NotFound(N_("There is no such request, or it is not yours to see."))
    return found


def _granted(found: Clock) -> int:
    return sum(request.kind == EXTENSION and request.state == APPROVED for request in found.requests)
