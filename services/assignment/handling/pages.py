"""The step on the petition's page that adds to the handling record."""

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.assignment.cases.models import Case
from services.assignment.cases.part import case_step
from services.assignment.cases.rules import Step, roles_for
from services.assignment.handling import commands, schemas
from shared.identity.scopes import CASES
from shared.web.access import access, current_viewer, within
from shared.web.forms import read_form
from shared.web.request import current_session

pages = Blueprint("handling", __name__)


@pages.post("/cases/<uuid:case_id>/handling")
@access(*roles_for(Step.RECORD))
@within(CASES)
def add(case_id: UUID) -> ResponseReturnValue:
    """Back to the open form, since often several entries are made in a row."""

    def act() -> Case:
        body = read_form(schemas.EntryIn)
        return commands.record_handling(
            current_session(), case_id, body["entry"], by=current_viewer(), version=body["version"]
        )

    return case_step(case_id, "record", act, say=_("Recorded."), anchor="record")
