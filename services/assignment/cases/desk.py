"""Assignment's part of a desk: the cases of a unit by what is due; counts for those who see all."""

from flask import render_template
from sqlalchemy import ColumnElement, Select, and_, case, false, func, select, true
from sqlalchemy.orm import Session

from services.assignment.cases import queries
from services.assignment.cases.models import Case
from services.assignment.cases.rules import State, what_next
from services.assignment.closing.models import Closing
from services.assignment.roster import queries as roster
from shared.identity.roles import SEES_ALL, Role, Viewer
from shared.web.access import current_viewer
from shared.web.request import current_session

LINES = 10
OWN_CASES = (Role.LEADER, Role.OFFICE, Role.TEAM, Role.TOWNSHIP)
CHECK_OF = {Role.OFFICE: State.PROPOSED, Role.LEADER: State.CHECKED}


def desk_part() -> str:
    """What a viewer's desk shows of the cases; empty where their role has none."""
    session, viewer = current_session(), current_viewer()
    if viewer.role in SEES_ALL:
        return render_template("assignment/desk_counts.html", counts=counts(session, viewer))
    if viewer.role not in OWN_CASES:
        return ""
    statement = own_cases(viewer, is_trial=roster.is_kind(session, viewer.unit, "trial-office"))
    found = session.execute(statement.limit(LINES + 1)).all()
    return render_template(
        "assignment/desk_cases.html",
        cases=found[:LINES],
        more=len(found) > LINES,
        what_next=lambda each: what_next(State(each.state), each.next_duty),
    )


def own_cases(viewer: Viewer, *, is_trial: bool = False) -> Select[Case, bool]:
    """The cases in hand, and whether each waits for a check by the viewer; for the trial office only these.

    These come first, then a leader's without a plan, then what is late, then by what is due.
    """
    waits = _waits_for(viewer)
    order = [(waits, 0), (queries.is_late(), 2)]
    if viewer.role is Role.LEADER:
        order.insert(1, (Case.state == State.OPEN, 1))
    statement = queries.cases_for(viewer, {"in_hand": True}).add_columns(waits)
    if is_trial:
        statement = statement.where(waits)
    return statement.order_by(case(*order, else_=3), Case.due_key)


def counts(session: Session, viewer: Viewer) -> dict[str, int]:
    """How many cases are in hand, and of these without a plan, before each check, and late."""
    visible = queries.cases_for(viewer, {"in_hand": True})
    kinds = {
        "in_hand": true(),
        "unplanned": Case.state == State.OPEN,
        "proposed": Case.state == State.PROPOSED,
        "checked": Case.state == State.CHECKED,
        "late": queries.is_late(),
    }
    columns = [func.count(case((condition, 1))).label(name) for name, condition in kinds.items()]
    row = session.execute(visible.with_only_columns(*columns)).one()
    return dict(row._mapping)


def _waits_for(viewer: Viewer) -> ColumnElement[bool]:
    """Whether the next check is one that the viewer's role makes, of what others proposed."""
    state = CHECK_OF.get(viewer.role)
    if state is None:
        return false()
    proposer = (
        select(Closing.by)
        .where(Closing.case_id == Case.id)
        .order_by(Closing.proposal.desc())
        .limit(1)
        .scalar_subquery()
    )
    return and_(Case.state == state, queries.in_seat(viewer), proposer != viewer.post)
