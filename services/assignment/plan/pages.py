"""The step on the petition's page that fixes or changes the plan."""

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.assignment.cases.models import Case
from services.assignment.cases.part import case_step
from services.assignment.cases.rules import Step, roles_for
from services.assignment.plan import commands, schemas
from shared.identity.scopes import CASES
from shared.web.access import access, current_viewer, within
from shared.web.forms import read_form
from shared.web.request import current_session

pages = Blueprint("plan", __name__)


@pages.post("/cases/<uuid:case_id>/plan")
@access(*roles_for(Step.FIX_PLAN))
@within(CASES)
def fix(case_id: UUID) -> ResponseReturnValue:
    def act() -> Case:
        body = read_form(schemas.PlanIn)
        return commands.fix_plan(
            current_session(), case_id, body["plan"], by=current_viewer(), version=body["version"]
        )

    return case_step(case_id, "plan", act, say=_("The plan is fixed."))
