"""The five-fixed plan over HTTP; it is read with its case."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.assignment.cases.models import Case
from services.assignment.cases.rules import Step, roles_for
from services.assignment.cases.schemas import CaseRow
from services.assignment.plan import commands, schemas
from shared.identity.scopes import CASES
from shared.web.access import access, current_viewer, within
from shared.web.request import current_session

api = Blueprint("plan_api", __name__, url_prefix="/api/cases", description="M9 Five-fixed plan")


@api.post("/<uuid:case_id>/plan")
@api.arguments(schemas.PlanIn)
@api.response(201, CaseRow)
@access(*roles_for(Step.FIX_PLAN))
@within(CASES)
def fix(body: dict[str, Any], case_id: UUID) -> Case:
    """Fix the plan, or change it by a new version with its reason."""
    return commands.fix_plan(
        current_session(), case_id, body["plan"], by=current_viewer(), version=body["version"]
    )
