"""Closing, reply and handling again over HTTP; they are read with their case."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.assignment.cases.models import Case
from services.assignment.cases.rules import Step, roles_for
from services.assignment.cases.schemas import CaseRow
from services.assignment.closing import commands, schemas
from shared.identity.scopes import CASES
from shared.web.access import access, current_viewer, within
from shared.web.request import current_session

api = Blueprint("closing_api", __name__, url_prefix="/api/cases", description="M14 Closing")


@api.post("/<uuid:case_id>/closing")
@api.arguments(schemas.ProposalIn)
@api.response(201, CaseRow)
@access(*roles_for(Step.PROPOSE))
@within(CASES)
def propose(body: dict[str, Any], case_id: UUID) -> Case:
    """The office proposes to close the case."""
    return commands.propose(
        current_session(), case_id, body["proposal"], by=current_viewer(), version=body["version"]
    )


@api.post("/<uuid:case_id>/checks")
@api.arguments(schemas.CheckIn)
@api.response(201, CaseRow)
@access(*roles_for(*commands.CHECKS))
@within(CASES)
def check(body: dict[str, Any], case_id: UUID) -> Case:
    """Pass the proposal on or send it back; the second level that passes it closes the case."""
    return commands.check(
        current_session(),
        case_id,
        level=body["level"],
        passed=body["passed"],
        reasons=body.get("reasons"),
        by=current_viewer(),
        version=body["version"],
    )


@api.post("/<uuid:case_id>/replies")
@api.arguments(schemas.ReplyIn)
@api.response(201, CaseRow)
@access(*roles_for(Step.REPLY))
@within(CASES)
def reply(body: dict[str, Any], case_id: UUID) -> Case:
    """Record how the petitioner was told the result of a closed round."""
    return commands.reply(
        current_session(), case_id, body["reply"], by=current_viewer(), version=body["version"]
    )


@api.post("/<uuid:case_id>/reopening")
@api.arguments(schemas.ReopeningIn)
@api.response(201, CaseRow)
@access(*roles_for(Step.REOPEN))
@within(CASES)
def reopen(body: dict[str, Any], case_id: UUID) -> Case:
    """Have a closed case handled again by others: on new evidence, or because it is ordered."""
    return commands.order_reopening(
        current_session(), case_id, body["reason"], by=current_viewer(), version=body["version"]
    )
