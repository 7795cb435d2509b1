"""Reading cases: only what the viewer may see (recusal, own units, a township its own); routing's counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.assignment.cases.models import (
    Case,
    CaseHistory,
    HandOver,
    InstructionReference,
    Recusal,
)
from services.assignment.cases.rules import UNFINISHED, Candidates, Seat, State
from services.assignment.plan.models import PlanMember
from services.assignment.roster import queries as roster
from services.assignment.roster.models import RosterEntry, Unit
from shared import clock
from shared.errors import N_, NotFound
from shared.identity.recusal import not_excluded
from shared.identity.roles import Role, Viewer
from shared.identity.scopes import CASES, Reach

NO_CASE = N_("There is no such case, or it is not yours to see.")
SHOWN_TO_TRIAL = (State.PROPOSED, State.CHECKED, State.CLOSED)
SEAT_OF_ROLE = {Role.CLERK: Seat.REGISTRY, Role.HEAD: Seat.HEAD}
SEAT_COLUMNS: dict[Seat, InstrumentedAttribute[str]] = {
    Seat.LEADER: Case.leader,
    Seat.OFFICE: Case.office,
    Seat.TEAM: Case.team,
}


EQUAL = ("state", "township", "leader", "office", "team", "content_class", "superior_assigned")


def cases_for(viewer: Viewer, filters: dict[str, Any]) -> Select[Case]:
    """The cases that a viewer may see, by the filters of schemas.CaseArguments where given."""
    statement = select(Case).where(not_excluded(Case.petition_id, viewer), _scope(viewer))
    for name in EQUAL:
        if filters.get(name) is not None:
            statement = statement.where(getattr(Case, name) == filters[name])
    conditions = {
        "planned": (Case.plan_version.is_not(None), Case.plan_version.is_(None)),
        "late": (is_late(), or_(Case.next_due_on.is_(None), Case.next_due_on >= clock.today())),
        "in_hand": (is_in_hand(), ~is_in_hand()),
    }
    for name, (when_true, when_false) in conditions.items():
        if filters.get(name) is not None:
            statement = statement.where(when_true if filters[name] else when_false)
    if filters.get("number"):
        statement = statement.where(Case.number.contains(filters["number"], autoescape=True))
    return statement


def is_late() -> ColumnElement[bool]:
    """Whether the last day of a duty has passed."""
    return Case.next_due_on < clock.today()


def is_in_hand() -> ColumnElement[bool]:
    """Whether something is left to do: it is not closed, or a duty still runs."""
    return or_(Case.state.in_(UNFINISHED), Case.next_duty.is_not(None))


def case_for(session: Session, viewer: Viewer, case_id: UUID) -> Case:
    """One case. Raises NotFound alike where it does not exist and where it may not be seen."""
    found = session.scalar(cases_for(viewer, {}).where(Case.id == case_id))
    if found is None:
        raise NotFound(NO_CASE)
    return found


def case_about(session: Session, viewer: Viewer, petition_id: UUID) -> Case:
    """The case of a petition. Raises NotFound as `case_for` does."""
    found = session.scalar(cases_for(viewer, {}).where(Case.petition_id == petition_id))
    if found is None:
        raise NotFound(NO_CASE)
    return found


def _scope(viewer: Viewer) -> ColumnElement[bool]:
    # PostgreSQL asks once for a list and once per case for one case, whichever is less work.
    in_plan = exists().where(
        PlanMember.post == viewer.post,
        PlanMember.case_id == Case.id,
        PlanMember.version == Case.plan_version,
    )
    return CASES.where(
        viewer,
        {
            Reach.UNIT: lambda: in_seat(viewer),
            Reach.TOWNSHIP: lambda: Case.township == viewer.township,
            Reach.POST: lambda: in_plan,
        },
    )


def in_seat(viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer's unit sits in the case today: in its own seat, an absent leader's, or to check."""
    if viewer.role is Role.LEADER:
        absent = roster.stood_in_for(viewer.unit, clock.today())
        return or_(Case.leader == viewer.unit, Case.leader.in_(absent))
    if viewer.role is Role.OFFICE:
        trial = exists().where(Unit.code == viewer.unit, Unit.kind == "trial-office")
        return or_(Case.office == viewer.unit, trial & Case.state.in_(SHOWN_TO_TRIAL))
    return Case.team == viewer.unit


def seats_held(session: Session, case: Case, viewer: Viewer) -> set[Seat]:
    """In what capacities a viewer may act in a case today."""
    held = {seat for seat, unit in seats_of(case).items() if unit == viewer.unit}
    if viewer.role is Role.LEADER:
        absent = session.scalars(roster.stood_in_for(viewer.unit, clock.today()))
        held |= {Seat.LEADER} if case.leader in set(absent) else set()
    if viewer.post in {member.post for member in members_of(session, case)}:
        held.add(Seat.MEMBER)
    if roster.is_kind(session, viewer.unit, "trial-office"):
        held.add(Seat.TRIAL)
    held |= {seat for role, seat in SEAT_OF_ROLE.items() if viewer.role is role}
    return held


def seats_of(case: Case) -> dict[Seat, str]:
    """Who has the three routed seats of a case now."""
    return {Seat.LEADER: case.leader, Seat.OFFICE: case.office, Seat.TEAM: case.team}


def members_of(session: Session, case: Case) -> Sequence[PlanMember]:
    """The members named in the plan in force; none without one."""
    return session.scalars(
        select(PlanMember)
        .where(PlanMember.case_id == case.id, PlanMember.version == case.plan_version)
        .order_by(PlanMember.post)
    ).all()


def by_petition(session: Session, petition_id: UUID) -> Case | None:
    """The case of a petition; for handlers only, since it asks nobody's right to see it."""
    return session.scalar(select(Case).where(Case.petition_id == petition_id))


def candidates(session: Session, seat: Seat, township: str, day: date) -> Candidates:
    """The units that could take a seat in a case of a township, with how many open cases each has."""
    column = SEAT_COLUMNS[seat]
    counted = select(column, func.count()).where(Case.state.in_(UNFINISHED)).group_by(column)
    counts: dict[str, int] = dict(session.execute(counted).all())
    near = {getattr(entry, seat.value) for entry in roster.seats_in_zone(session, township, day)}
    units = roster.units_of_kind(session, seat.value)
    return Candidates(near=near, everywhere={unit: counts.get(unit, 0) for unit in units})


def waiting_for_hand_over(session: Session, day: date, limit: int) -> Sequence[Case]:
    """Unfinished cases whose line of the roster no longer holds on a day."""
    return session.scalars(
        select(Case)
        .join(RosterEntry, RosterEntry.id == Case.entry_id)
        .where(Case.state.in_(UNFINISHED), ~roster.in_force_on(day), RosterEntry.valid_from <= day)
        .order_by(Case.number)
        .limit(limit)
    ).all()


@dataclass(frozen=True)
class Surroundings:
    """What belongs to a case besides its own row."""

    instructions: Sequence[InstructionReference]
    hand_overs: Sequence[HandOver]
    history: Sequence[CaseHistory]


def surroundings(session: Session, case: Case) -> Surroundings:
    """Instructions, hand-overs and history of a case, oldest first."""
    instructions = (
        select(InstructionReference)
        .where(InstructionReference.petition_id == case.petition_id)
        .order_by(InstructionReference.signed_at)
    )
    hand_overs = select(HandOver).where(HandOver.case_id == case.id).order_by(HandOver.id)
    history = select(CaseHistory).where(CaseHistory.case_id == case.id).order_by(CaseHistory.id)
    return Surroundings(
        instructions=session.scalars(instructions).all(),
        hand_overs=session.scalars(hand_overs).all(),
        history=session.scalars(history).all(),
    )


def recusals(session: Session, case: Case) -> Sequence[Recusal]:
    """Who recused themselves from a case and why, oldest first."""
    return session.scalars(select(Recusal).where(Recusal.case_id == case.id).order_by(Recusal.id)).all()


def is_receipt_due(session: Session, case: Case) -> bool:
    """Whether a case was handed over and nobody has signed that they received it."""
    due = select(HandOver.id).where(HandOver.case_id == case.id, HandOver.received_at.is_(None))
    return session.scalar(due.limit(1)) is not None
