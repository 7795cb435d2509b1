"""Proposing, checking and closing; the reply; handling again."""

from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.assignment.cases.commands import identification, route_again, take_seats
from services.assignment.cases.models import Case
from services.assignment.cases.rules import Step
from services.assignment.cases.steps import move, take_step
from services.assignment.closing import queries, rules
from services.assignment.closing.models import Closing, ClosingCheck, Reply
from services.assignment.closing.rules import FIRST, SECOND, NewReply, Proposal
from services.assignment.handling.queries import met_petitioner
from shared import clock
from shared.contracts.assignment import (
    CaseClosedV1,
    CaseReopenedV1,
    ClosingCheckedV1,
    ClosingProposedV1,
    ReplyGivenV1,
)
from shared.db.outbox import record
from shared.identity.recusal import excluded_units
from shared.identity.roles import Viewer

PASS = {FIRST: Step.FIRST_PASSED, SECOND: Step.SECOND_PASSED}
SEND_BACK = {FIRST: Step.FIRST_SENT_BACK, SECOND: Step.SECOND_SENT_BACK}
CHECKS = (*PASS.values(), *SEND_BACK.values())


def propose(session: Session, case_id: UUID, new: Proposal, *, by: Viewer, version: int) -> Case:
    """The office proposes to close; record `closing.proposed`."""
    case = take_step(session, case_id, Step.PROPOSE, by=by, version=version, outcome=new.outcome)
    anonymous = case.signature == "anonymous"
    rules.check_proposal(new, met_petitioner=met_petitioner(session, case), anonymous=anonymous)
    closing = Closing(
        id=uuid4(),
        case_id=case.id,
        proposal=len(queries.closings_of(session, case)) + 1,
        round=case.round,
        outcome=new.outcome,
        conclusion=new.conclusion,
        why_not_met=new.why_not_met,
        by=by.post,
        unit=by.unit,
        at=clock.now(),
    )
    session.add(closing)
    record(
        session,
        ClosingProposedV1,
        subject=case.id,
        **identification(case),
        round=case.round,
        outcome=closing.outcome,
        proposed_at=closing.at,
    )
    session.flush()
    return case


def check(
    session: Session,
    case_id: UUID,
    *,
    level: int,
    passed: bool,
    reasons: str | None,
    by: Viewer,
    version: int,
) -> Case:
    """One level passes the proposal or sends it back; the second that passes it closes the case.

    Level 1: another post of the office, or the trial office. Level 2: the leader. Records
    `closing.checked`, and `case.closed` at the end.
    """
    rules.check_reasons(passed, reasons)
    step = PASS[level] if passed else SEND_BACK[level]
    case = take_step(session, case_id, step, by=by, version=version, level=level)
    closing = queries.closings_of(session, case)[-1]
    rules.check_checker(by.post, proposed_by=closing.by, checked_by={c.by for c in closing.checks})
    now = clock.now()
    closing.checks.append(ClosingCheck(level=level, passed=passed, reasons=reasons, by=by.post, at=now))
    _announce_check(session, case, closing.checks[-1])
    if passed and level == SECOND:
        _close(session, case, closing)
    session.flush()
    return case


def _announce_check(session: Session, case: Case, made: ClosingCheck) -> None:
    record(
        session,
        ClosingCheckedV1,
        subject=case.id,
        **identification(case),
        round=case.round,
        level=made.level,
        passed=made.passed,
        checked_at=made.at,
    )


def _close(session: Session, case: Case, closing: Closing) -> None:
    now = clock.now()
    case.outcome, case.closed_at, closing.closed_at = closing.outcome, now, now
    record(
        session,
        CaseClosedV1,
        subject=case.id,
        **identification(case),
        round=case.round,
        outcome=closing.outcome,
        closed_at=now,
    )


def reply(session: Session, case_id: UUID, new: NewReply, *, by: Viewer, version: int) -> Case:
    """Record how the petitioner was told the result of a closed round, and `reply.given`."""
    case = take_step(session, case_id, Step.REPLY, by=by, version=version, round=new.round, means=new.means)
    closed_on = queries.closed_on(session, case)
    before = {r.means for r in queries.replies_of(session, case) if r.round == new.round}
    rules.check_reply(new, closed_on=closed_on.get(new.round), means_before=before, today=clock.today())
    row = Reply(
        case_id=case.id,
        round=new.round,
        means=new.means,
        replied_on=new.replied_on,
        tried_on=sorted(day.isoformat() for day in new.tried_on),
        by=by.post,
        recorded_at=clock.now(),
    )
    session.add(row)
    record(
        session,
        ReplyGivenV1,
        subject=case.id,
        **identification(case),
        round=row.round,
        means=row.means,
        replied_on=row.replied_on,
    )
    session.flush()
    return case


def order_reopening(session: Session, case_id: UUID, reason: str, *, by: Viewer, version: int) -> Case:
    """The head has a closed case handled again."""
    case = take_step(session, case_id, Step.REOPEN, by=by, version=version, reason=reason)
    _begin_round(session, case, reason)
    return case


def reopen_dissatisfied(session: Session, case: Case) -> None:
    """A dissatisfied petitioner's case is handled again. Raises OutOfOrder where nobody is left for it."""
    move(session, case, Step.REOPEN, by=None, reason="dissatisfied")
    _begin_round(session, case, "dissatisfied")


def _begin_round(session: Session, case: Case, reason: str) -> None:
    """The next round is begun by those who have not handled it: another office, other posts."""
    now = clock.now()
    case.round += 1
    case.round_started_on = clock.local_date(now)
    case.plan_version = case.outcome = case.closed_at = None
    session.flush()
    take_seats(case, route_again(session, case))
    record(
        session,
        CaseReopenedV1,
        subject=case.id,
        **identification(case),
        round=case.round,
        reason=reason,
        leader=case.leader,
        office=case.office,
        team=case.team,
        excluded=sorted(excluded_units(session, case.petition_id)) or None,
        reopened_at=now,
    )
    session.flush()
