"""The list of cases, and the steps on the petition's page that concern who has the case."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError
from sqlalchemy import Select, or_

from services.assignment.cases import commands, queries, schemas
from services.assignment.cases.models import Case
from services.assignment.cases.part import case_step
from services.assignment.cases.rules import State, Step, roles_for, what_next
from shared.identity.roles import CASEWORK, SEES_ALL
from shared.identity.scopes import CASES
from shared.web.access import access, current_viewer, within
from shared.web.errors import invalid
from shared.web.forms import read_form, step
from shared.web.names import choices, county
from shared.web.paging import page
from shared.web.parts import petition_page
from shared.web.request import current_session
from shared.web.versions import StepSchema

pages = Blueprint("cases", __name__)


@pages.get("/cases")
@access(*CASEWORK)
@within(CASES)
def listing() -> ResponseReturnValue:
    """The cases that one may see, sorted by what is due; the closed ones by number."""
    asked = {name: value for name, value in request.args.items() if value.strip()}
    found = _cases(asked)
    viewer, known = current_viewer(), county()
    return render_template(
        "assignment/cases.html",
        cases=found["items"],
        next=found["next"],
        asked={name: value for name, value in asked.items() if name != "after"},
        what_next=lambda case: what_next(State(case.state), case.next_duty),
        units=_units() if viewer.role in SEES_ALL else {},
        townships=choices(known.townships),
        classes=choices(known.content_classes),
    )


def _cases(asked: dict[str, str]) -> dict[str, Any]:
    try:
        arguments = schemas.ListArguments().load(asked)
    except ValidationError as error:
        raise invalid(error) from error
    state = arguments.pop("state")
    filters = arguments | ({"in_hand": True} if state == schemas.IN_HAND else {})
    if state in schemas.STATES:
        filters["state"] = state
    statement = _matching(queries.cases_for(current_viewer(), filters), arguments.get("search"))
    by_number = state in (State.CLOSED, schemas.EVERY_STATE)
    key = Case.number if by_number else Case.due_key
    return page(current_session(), statement, key, arguments, newest_first=by_number)


def _matching(statement: Select[Any], search: str | None) -> Select[Any]:
    """Those whose number, or whose township's name, contains what is searched for."""
    if not search:
        return statement
    wanted = search.casefold()
    places = [t.code for t in county().townships if wanted in t.name or wanted in t.name_en.casefold()]
    number = Case.number.icontains(search, autoescape=True)
    return statement.where(or_(number, Case.township.in_(places)))


def _units() -> dict[str, list[tuple[str, str]]]:
    return {seat: choices(county().units_of(seat)) for seat in ("leader", "office", "team")}


@pages.post("/cases/<uuid:case_id>/recusal")
@access(*roles_for(Step.RECUSE))
@within(CASES)
def recuse(case_id: UUID) -> ResponseReturnValue:
    """Back to the list, since the case is not to be seen any more."""
    petition_id = queries.case_for(current_session(), current_viewer(), case_id).petition_id
    return step(
        lambda: commands.recuse(
            current_session(), case_id, by=current_viewer(), **read_form(schemas.RecusalIn)
        ),
        again=lambda form: petition_page(petition_id, {"recusal": form}),
        then=lambda _done: url_for("cases.listing"),
        say=_("Your unit is recused. Others take the case over."),
    )


@pages.post("/cases/<uuid:case_id>/receipt")
@access(*roles_for(Step.SIGN_RECEIPT))
@within(CASES)
def receipt(case_id: UUID) -> ResponseReturnValue:
    return case_step(
        case_id,
        "receipt",
        lambda: commands.sign_receipt(
            current_session(), case_id, by=current_viewer(), **read_form(StepSchema)
        ),
        say=_("The receipt is signed."),
    )
