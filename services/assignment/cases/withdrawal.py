"""What leaves by the sealed route is kept nowhere else: its case goes with all that was written in it.

处理检举控告工作规则 15: not copied, not spread further, not in any register.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.assignment.cases.models import (
    Case,
    CaseHistory,
    HandOver,
    InstructionReference,
    Recusal,
    WithdrawnPetition,
)
from services.assignment.closing.models import Closing, ClosingCheck, Rating, Reply
from services.assignment.duties.models import DutyClock
from services.assignment.handling.models import HandlingEntry
from services.assignment.plan.models import Plan, PlanMember

OF_PETITION = (InstructionReference, DutyClock, Rating)
OF_CASE = (PlanMember, Plan, HandlingEntry, Closing, Reply, HandOver, Recusal, CaseHistory)


def withdraw(session: Session, petition_id: UUID, at: datetime) -> None:
    """Remove the case of a petition for good; only that it was withdrawn, and when, stays."""
    if is_withdrawn(session, petition_id):
        return
    session.add(WithdrawnPetition(petition_id=petition_id, withdrawn_at=at))
    session.flush()
    case_id = session.scalar(select(Case.id).where(Case.petition_id == petition_id))
    closings = select(Closing.id).where(Closing.case_id == case_id)
    session.execute(delete(ClosingCheck).where(ClosingCheck.closing_id.in_(closings)))
    for of_case in OF_CASE:
        session.execute(delete(of_case).where(of_case.case_id == case_id))
    for of_petition in OF_PETITION:
        session.execute(delete(of_petition).where(of_petition.petition_id == petition_id))
    session.execute(delete(Case).where(Case.petition_id == petition_id))


def is_withdrawn(session: Session, petition_id: UUID) -> bool:
    """Whether intake withdrew a petition: what still arrives about it is not kept."""
    return session.get(WithdrawnPetition, petition_id) is not None
