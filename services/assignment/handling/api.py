"""The handling record over HTTP; it is read with its case."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.assignment.cases.models import Case
from services.assignment.cases.rules import Step, roles_for
from services.assignment.cases.schemas import CaseRow
from services.assignment.handling import commands, schemas
from shared.identity.scopes import CASES
from shared.web.access import access, current_viewer, within
from shared.web.request import current_session

api = Blueprint("handling_api", __name__, url_prefix="/api/cases", description="Handling record")


@api.post("/<uuid:case_id>/handling")
@api.arguments(schemas.EntryIn)
@api.response(201, CaseRow)
@access(*roles_for(Step.RECORD))
@within(CASES)
def add(body: dict[str, Any], case_id: UUID) -> Case:
    """Add an entry; a correction is a new entry that names the old. A plan must be in force."""
    return commands.record_handling(
        current_session(), case_id, body["entry"], by=current_viewer(), version=body["version"]
    )
