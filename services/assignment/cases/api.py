"""Cases over HTTP: list, read, recuse oneself, sign for a case that was handed over."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.assignment.cases import commands, queries, schemas
from services.assignment.cases.models import Case, Recusal
from services.assignment.cases.rules import Step, roles_for
from services.assignment.cases.whole import whole_case
from shared.identity.roles import CASEWORK, Role
from shared.identity.scopes import CASES
from shared.web.access import access, current_viewer, within
from shared.web.paging import page
from shared.web.request import current_session
from shared.web.versions import StepSchema

api = Blueprint("cases_api", __name__, url_prefix="/api/cases", description="M6, M8 Cases")


@api.get("")
@api.arguments(schemas.CaseArguments, location="query")
@api.response(200, schemas.CasePage)
@access(*CASEWORK)
@within(CASES)
def listing(arguments: dict[str, Any]) -> dict[str, Any]:
    """The cases that one may see, newest number first."""
    statement = queries.cases_for(current_viewer(), arguments)
    return page(current_session(), statement, Case.number, arguments, newest_first=True)


@api.get("/<uuid:case_id>")
@api.response(200, schemas.CaseOut)
@access(*CASEWORK)
@within(CASES)
def read(case_id: UUID) -> dict[str, Any]:
    """One case with its plans, record, closings, replies, instructions and history."""
    session = current_session()
    return whole_case(session, queries.case_for(session, current_viewer(), case_id))


@api.post("/<uuid:case_id>/recusal")
@api.arguments(schemas.RecusalIn)
@api.response(204)
@access(*roles_for(Step.RECUSE))
@within(CASES)
def recuse(body: dict[str, Any], case_id: UUID) -> None:
    """Recuse one's unit: it sees the case no more, and others take it over."""
    commands.recuse(current_session(), case_id, by=current_viewer(), **body)


@api.get("/<uuid:case_id>/recusals")
@api.response(200, schemas.RecusalOut(many=True))
@access(Role.HEAD, Role.SUPERVISOR)
@within(CASES)
def recusals(case_id: UUID) -> Sequence[Recusal]:
    """Who recused themselves and why."""
    session = current_session()
    return queries.recusals(session, queries.case_for(session, current_viewer(), case_id))


@api.post("/<uuid:case_id>/receipt")
@api.arguments(StepSchema)
@api.response(200, schemas.CaseRow)
@access(*roles_for(Step.SIGN_RECEIPT))
@within(CASES)
def receipt(body: dict[str, Any], case_id: UUID) -> Case:
    """Sign that a case which was handed over has been received."""
    return commands.sign_receipt(current_session(), case_id, by=current_viewer(), **body)
