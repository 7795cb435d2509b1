"""A case with all that the other mechanisms keep of it, in the shape that the API shows."""

from typing import Any

from sqlalchemy.orm import Session

from services.assignment.cases import queries
from services.assignment.cases.models import Case
from services.assignment.cases.schemas import CaseRow
from services.assignment.closing.queries import closings_of, ratings_of, replies_of
from services.assignment.handling.queries import entries_of
from services.assignment.plan.queries import handling_due_on, plans_of

OWN = (*CaseRow._declared_fields, "procedure", "organ", "accepted_at", "round_started_on")


def whole_case(session: Session, case: Case) -> dict[str, Any]:
    """The values of schemas.CaseOut; the caller has asked whether the case may be seen."""
    return {
        **{name: getattr(case, name) for name in OWN},
        **vars(queries.surroundings(session, case)),
        "handling_due_on": handling_due_on(session, case),
        "plans": plans_of(session, case),
        "handling": entries_of(session, case),
        "closings": closings_of(session, case),
        "replies": replies_of(session, case),
        "ratings": ratings_of(session, case),
    }
