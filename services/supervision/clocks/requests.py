"""Extensions and pauses: the holder asks, the head decides, the date moves and the first one stays.

条例 34: approved by the head of the organ, and the petitioner is told the reasons.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.supervision.clocks import events, queries
from services.supervision.clocks.models import Clock, ClockRequest, Pause
from services.supervision.clocks.rules import (
    APPROVED,
    EXTENSION,
    HOLDERS,
    PAUSE,
    PENDING,
    REFUSED,
    RESUMERS,
    State,
    check_extension,
    check_running,
    last_day,
)
from services.supervision.clocks.settle import counting_of, recount
from services.supervision.matters.commands import note
from services.supervision.matters.rules import Kind
from shared import clock as time
from shared.errors import N_, Forbidden, Invalid, OutOfOrder
from shared.identity.roles import Role, Viewer
from shared.web.versions import check_version


@dataclass(frozen=True)
class Possible:
    """Which steps somebody may take with a clock now."""

    extension: bool = False
    pause: bool = False
    resumption: bool = False
    completion: bool = False


def possible(found: Clock, by: Viewer) -> Possible:
    """By the very checks that the steps themselves make."""
    holds = by.role in HOLDERS
    return Possible(
        extension=holds and _passes(lambda: _check_extensible(found, 1, by)),
        pause=holds and _passes(lambda: _check_may_ask(found, by)),
        resumption=by.role in RESUMERS and _passes(lambda: _check_resumable(found, by)),
        completion=holds and _passes(lambda: _check_completable(found, by)),
    )


def may_tell(request: ClockRequest, by: Viewer) -> bool:
    """Whether somebody may record now that the petitioner was told the reasons of an extension."""
    told = request.told_on is not None
    return not told and by.role in HOLDERS and _passes(lambda: _check_tellable(request, by))


def ask_extension(
    session: Session, clock_id: UUID, *, days: int, reasons: str, by: Viewer, version: int
) -> ClockRequest:
    """Ask for more calendar days. Raises OutOfOrder, Invalid with the article; Forbidden for others."""
    found = queries.clock_for(session, by, clock_id)
    _check_extensible(found, days, by)
    check_version(found, version)
    return _ask(session, found, EXTENSION, reasons, by, days=days)


def ask_pause(
    session: Session, clock_id: UUID, *, reason: str, reasons: str, by: Viewer, version: int
) -> ClockRequest:
    """Ask that the clock stand still, for a reason (code). Raises OutOfOrder; Forbidden for others."""
    found = queries.clock_for(session, by, clock_id)
    _check_may_ask(found, by)
    check_version(found, version)
    return _ask(session, found, PAUSE, reasons, by, reason=reason)


def decide(
    session: Session, request_id: UUID, *, approved: bool, reasons: str | None, by: Viewer, version: int
) -> ClockRequest:
    """The head approves, and the clock moves or stands still from today on; or refuses, with reasons.

    Raises OutOfOrder where it was decided before, or the last day has passed meanwhile.
    """
    request = queries.request_for(session, by, request_id)
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
    _check_resumable(found, by)
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
    request = queries.request_for(session, by, request_id)
    _check_tellable(request, by)
    check_version(request, version)
    assert request.decided_at is not None
    if not time.local_date(request.decided_at) <= told_on <= time.today():
        raise Invalid(N_("Give a day from the approval up to today."), field="told_on")
    request.told_on = told_on
    session.flush()
    return request


def complete(session: Session, clock_id: UUID, *, by: Viewer, version: int) -> Clock:
    """The addressee of an instruction reports that it is carried out; its clock stops."""
    found = queries.clock_for(session, by, clock_id)
    _check_completable(found, by)
    check_version(found, version)
    note(session, found.petition_id, found.number, Kind.COMPLETED, time.now(), found.ref)
    return found


def proposed_due_on(request: ClockRequest) -> date:
    """The last day if the extension that is asked for were granted today."""
    counting = counting_of(request.clock)
    extended = (counting.extended_days or 0) + (request.days or 0)
    return last_day(replace(counting, extended_days=extended)).due_on


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
    id_, now = uuid4(), time.now()
    request = ClockRequest(
        id=id_,
        list_key=f"{now:%Y%m%d%H%M%S%f}-{id_.hex}",
        clock=found,
        kind=kind,
        state=PENDING,
        days=days,
        reason=reason,
        reasons=reasons,
        asked_by=by.post,
        asked_unit=by.unit,
        asked_at=now,
    )
    session.add(request)
    session.flush()
    return request


def _check_may_ask(found: Clock, by: Viewer) -> None:
    """One request at a time about what runs and is not late yet, by whose duty it is."""
    _check_holder(found, by)
    check_running(found.state, found.due_on, time.today())
    if any(request.state == PENDING for request in found.requests):
        raise OutOfOrder(N_("A request about this clock waits for the head's decision already."))


def _check_extensible(found: Clock, days: int, by: Viewer) -> None:
    _check_may_ask(found, by)
    check_extension(found.term, days, found.due_on, _granted(found))


def _check_resumable(found: Clock, by: Viewer) -> None:
    if by.role not in (Role.HEAD, Role.SUPERVISOR):
        _check_holder(found, by)
    if found.state != State.PAUSED:
        raise OutOfOrder(N_("This clock is not paused."))


def _check_tellable(request: ClockRequest, by: Viewer) -> None:
    _check_holder(request.clock, by)
    if request.kind != EXTENSION or request.state != APPROVED:
        raise OutOfOrder(N_("Only of an extension that was granted the petitioner is told."))


def _check_completable(found: Clock, by: Viewer) -> None:
    """Also what is late is reported done."""
    _check_holder(found, by)
    check_running(found.state, time.today(), time.today())
    if found.duty != "instruction":
        raise OutOfOrder(N_("Only an instruction is reported done here. Take the step itself instead."))


def _check_holder(found: Clock, by: Viewer) -> None:
    if by.unit not in {found.holder, found.matter.leader, found.matter.office}:
        raise Forbidden(N_("This belongs to the unit whose duty it is, or to those in charge of the case."))


def _passes(check: Callable[[], None]) -> bool:
    try:
        check()
    except (Forbidden, Invalid, OutOfOrder):
        return False
    return True


def _granted(found: Clock) -> int:
    return sum(request.kind == EXTENSION and request.state == APPROVED for request in found.requests)
