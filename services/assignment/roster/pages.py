"""The pages of the roster: who answers on a day, what was and what is to come, changes, stand-ins."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.assignment.roster import commands, queries, schemas
from services.assignment.roster.models import RosterEntry
from shared import clock
from shared.contracts.assignment import SEATS
from shared.errors import N_, NotFound
from shared.identity.roles import Role
from shared.web.access import access, current_viewer, everyone_signed_in
from shared.web.errors import invalid
from shared.web.forms import Form, read_form, step, without_blank_rows
from shared.web.names import choices, county, township_name, unit_name
from shared.web.request import current_session
from shared.web.versions import StepSchema

pages = Blueprint("roster", __name__)
MAY_CHANGE = (Role.HEAD, Role.SUPERVISOR)


@pages.get("/roster")
@everyone_signed_in
def show() -> ResponseReturnValue:
    """The roster of today, or of the day that is asked for."""
    try:
        asked = {name: value for name, value in request.args.items() if value.strip()}
        day = schemas.RosterArguments().load(asked).get("on") or clock.today()
    except ValidationError as error:
        raise invalid(error) from error
    return _page(day, {})


@pages.get("/roster/townships/<code>")
@everyone_signed_in
def history(code: str) -> ResponseReturnValue:
    """Who answered for a township, answers and will answer."""
    lines = queries.history(current_session(), code)
    if not lines:
        raise NotFound(N_("There is no such township on the roster. Choose one from the roster."))
    return render_template("assignment/roster_history.html", code=code, lines=lines[::-1])


@pages.post("/roster/changes")
@access(*MAY_CHANGE)
def change() -> ResponseReturnValue:
    def act() -> Sequence[RosterEntry]:
        body = read_form(schemas.ChangeIn)
        return commands.change_roster(
            current_session(), body["entries"], by=current_viewer(), version=body["version"]
        )

    return _step("change", act, say=_("The change is on the roster."), anchor="to-come")


@pages.post("/roster/stand-ins")
@access(*MAY_CHANGE)
def stand_in() -> ResponseReturnValue:
    def act() -> commands.Recorded:
        body = read_form(schemas.StandInIn)
        return commands.record_stand_in(
            current_session(), body["absence"], by=current_viewer(), version=body["version"]
        )

    return _step("stand_in", act, say=_("The stand-in is recorded."), anchor="stand-ins")


@pages.post("/roster/stand-ins/<uuid:stand_in_id>/end")
@access(*MAY_CHANGE)
def end_stand_in(stand_in_id: UUID) -> ResponseReturnValue:
    def act() -> commands.Recorded:
        return commands.end_stand_in(current_session(), stand_in_id, **read_form(StepSchema))

    return _step("end", act, say=_("The stand-in is ended."), anchor="stand-ins")


def _step(name: str, act: Any, *, say: str, anchor: str) -> ResponseReturnValue:
    return step(
        act,
        again=lambda form: _page(clock.today(), {name: _named(form)}),
        then=lambda _done: f"{url_for('roster.show')}#{anchor}",
        say=say,
    )


def _named(form: Form) -> Form:
    """The form with its messages naming places and people, where the rules know codes."""
    names = {"township": township_name, "leader": unit_name}
    if form.problem:
        known = {key: names[key](code) for key, code in form.problem.params.items() if key in names}
        form.problem.params |= known
    return form


def _page(day: date, forms: dict[str, Form]) -> str:
    session, known, today = current_session(), county(), clock.today()
    entries = {entry.township: entry for entry in queries.entries_on(session, day)}
    lines = queries.history(session, None)
    changing = without_blank_rows(forms.get("change", Form()), "entries")
    return render_template(
        "assignment/roster.html",
        day=day,
        zones=[
            (zone, [(t.code, entries.get(t.code)) for t in known.townships_of(zone.code)])
            for zone in known.zones
        ],
        to_come=[e for e in lines if e.replaced_at is None and e.valid_from > today],
        stand_ins=queries.stand_ins(session, ending_from=today),
        may_change=current_viewer().role in MAY_CHANGE,
        roster_version=queries.version(session),
        forms={
            "change": replace(changing, id="change"),
            "stand_in": replace(forms.get("stand_in", Form()), id="stand-in"),
            "end": forms.get("end", Form()),
        },
        townships=choices(known.townships),
        units={seat: choices(known.units_of(seat)) for seat in SEATS},
    )
