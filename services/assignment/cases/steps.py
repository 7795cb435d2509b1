"""One step on a case: may this post take it, is it the version that was read, does the state allow it.

All steps of all mechanisms go through here, so that the order of a case is kept in one place.
"""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from services.assignment.cases import queries
from services.assignment.cases.models import Case, CaseHistory
from services.assignment.cases.rules import STEP_SEATS, State, Step, after, steps_open
from shared import clock
from shared.errors import N_, Forbidden
from shared.identity.roles import Viewer
from shared.web.versions import check_version


def take_step(
    session: Session,
    case_id: UUID,
    step: Step,
    *,
    by: Viewer,
    version: int,
    **detail: Any,
) -> Case:
    """Take a step on a case from one of its seats; `detail` (codes only) goes into its history.

    Raises NotFound, Forbidden (another seat is needed), Changed (stale version), OutOfOrder.
    """
    case = queries.case_for(session, by, case_id)
    if not queries.seats_held(session, case, by) & set(STEP_SEATS[step]):
        raise Forbidden(N_("This step belongs to others in this case. Ask those who are in charge of it."))
    check_version(case, version)
    move(session, case, step, by=by.post, **detail)
    return case


def open_to(session: Session, case: Case, viewer: Viewer) -> frozenset[Step]:
    """The steps that a viewer may take on a case now, by its state and the seats they hold."""
    return steps_open(State(case.state), queries.seats_held(session, case, viewer))


def move(session: Session, case: Case, step: Step, *, by: str | None, **detail: Any) -> None:
    """Move a case on and note it. `by`: the post, None for what happens by rule."""
    case.state = after(State(case.state), step)
    flag_modified(case, "state")  # what is added beside it must move its version too
    session.add(CaseHistory(case_id=case.id, at=clock.now(), by=by, what=step.value, detail=detail))
