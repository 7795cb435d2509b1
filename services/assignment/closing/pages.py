"""The steps on the petition's page from the proposal to close to the reply and the next round."""

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.assignment.cases.models import Case
from services.assignment.cases.part import case_step
from services.assignment.cases.rules import Step, roles_for
from services.assignment.closing import commands, schemas
from shared.identity.scopes import CASES
from shared.web.access import access, current_viewer, within
from shared.web.forms import read_form
from shared.web.request import current_session

pages = Blueprint("closing", __name__)


@pages.post("/cases/<uuid:case_id>/closing")
@access(*roles_for(Step.PROPOSE))
@within(CASES)
def propose(case_id: UUID) -> ResponseReturnValue:
    def act() -> Case:
        body = read_form(schemas.ProposalIn)
        return commands.propose(
            current_session(), case_id, body["proposal"], by=current_viewer(), version=body["version"]
        )

    return case_step(case_id, "closing", act, say=_("The closing is proposed. Two checks follow."))


@pages.post("/cases/<uuid:case_id>/checks")
@access(*roles_for(*commands.CHECKS))
@within(CASES)
def check(case_id: UUID) -> ResponseReturnValue:
    def act() -> Case:
        body = {"reasons": None} | read_form(schemas.CheckIn)
        return commands.check(current_session(), case_id, by=current_viewer(), **body)

    return case_step(case_id, "check", act, say=_("The check is recorded."))


@pages.post("/cases/<uuid:case_id>/replies")
@access(*roles_for(Step.REPLY))
@within(CASES)
def reply(case_id: UUID) -> ResponseReturnValue:
    def act() -> Case:
        body = read_form(schemas.ReplyIn)
        return commands.reply(
            current_session(), case_id, body["reply"], by=current_viewer(), version=body["version"]
        )

    return case_step(case_id, "reply", act, say=_("The reply is recorded."))


@pages.post("/cases/<uuid:case_id>/reopening")
@access(*roles_for(Step.REOPEN))
@within(CASES)
def reopen(case_id: UUID) -> ResponseReturnValue:
    def act() -> Case:
        body = read_form(schemas.ReopeningIn)
        return commands.order_reopening(
            current_session(), case_id, body["reason"], by=current_viewer(), version=body["version"]
        )

    return case_step(case_id, "reopening", act, say=_("The case is handled again, by others."))
