"""Fixing a plan: there is none until all five are there; a change is a new version with its reason."""

from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.assignment.cases.commands import identification
from services.assignment.cases.models import Case
from services.assignment.cases.rules import Step
from services.assignment.cases.steps import take_step
from services.assignment.plan import queries
from services.assignment.plan.models import Plan, PlanMember
from services.assignment.plan.rules import Circumstances, NewPlan, check_plan
from shared import clock
from shared.contracts.assignment import PlanFixedV1
from shared.db.outbox import record
from shared.identity.roles import Viewer


def fix_plan(session: Session, case_id: UUID, new: NewPlan, *, by: Viewer, version: int) -> Case:
    """Fix the plan, or a new version of it, and record `plan.fixed`. The case's leader or office does it.

    Raises Invalid naming what is missing or wrong of the five.
    """
    case = take_step(session, case_id, Step.FIX_PLAN, by=by, version=version)
    now = queries.circumstances(session, case)
    check_plan(new, now)
    plan = _plan(case, new, now, by=by.post, version=queries.last_version(session, case) + 1)
    session.add(plan)
    case.plan_version = plan.version
    record(
        session,
        PlanFixedV1,
        subject=case.id,
        **identification(case),
        plan_version=plan.version,
        due_on=plan.due_on,
        members=len(plan.members),
        fixed_at=plan.fixed_at,
    )
    session.flush()
    return case


def _plan(case: Case, new: NewPlan, now: Circumstances, *, by: str, version: int) -> Plan:
    return Plan(
        id=uuid4(),
        case_id=case.id,
        version=version,
        round=case.round,
        leader=case.leader,
        due_on=new.due_on,
        quality=new.quality,
        reason=new.reason,
        fixed_by=by,
        fixed_at=clock.now(),
        members=[
            PlanMember(
                post=m.post,
                case_id=case.id,
                version=version,
                unit=now.units[m.post],
                duty=m.duty,
                responsible=m.responsible,
            )
            for m in new.members
        ],
    )
