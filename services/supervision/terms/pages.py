"""The terms in force, to be read by everybody, and a small form that reckons a day by one of them."""

from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.supervision.terms import queries, schemas
from services.supervision.terms.models import DutyTerm
from services.supervision.terms.rules import reckon
from services.supervision.terms.words import for_whom, length_of, source_of
from shared import calendar, clock
from shared.contracts.supervision import DUTIES
from shared.errors import N_, Invalid, Problem
from shared.web.access import everyone_signed_in
from shared.web.errors import invalid
from shared.web.forms import Form
from shared.web.names import label
from shared.web.request import current_session

pages = Blueprint("terms", __name__)
FIRST_YEAR = 2004  # of the notices that the calendar knows


@pages.get("/terms")
@everyone_signed_in
def show() -> ResponseReturnValue:
    session, today = current_session(), clock.today()
    terms = queries.all_terms(session)
    form, reckoned = _reckoned(terms)
    return render_template(
        "supervision/terms.html",
        title=_("Terms"),
        by_duty=[(duty, [term for term in terms if term.duty == duty]) for duty in DUTIES],
        in_force={term.id for term in queries.in_force(terms, today)},
        lights=queries.lights(session),
        known=_known_years(today),
        options=[(term.code, _said(term)) for term in queries.in_force(terms, today) if term.length],
        form=form,
        reckoned=reckoned,
        length_of=length_of,
        source_of=source_of,
        for_whom=for_whom,
    )


def _reckoned(terms: list[DutyTerm]) -> tuple[Form, dict[str, Any] | None]:
    """What the small form holds, and the day where it was asked for."""
    if "started_on" not in request.args:
        return Form(values={"started_on": clock.today().isoformat()}), None
    form = Form(values=request.args)
    try:
        asked = schemas.ReckonArguments().load({k: v for k, v in request.args.items() if v.strip()})
        term = _chosen(terms, asked["term"], asked["started_on"])
    except ValidationError as error:
        form.problem = invalid(error)
    except Problem as problem:
        form.problem = problem
    else:
        assert term.length is not None
        return form, {"term": term, "day": reckon(term.unit, term.length, asked["started_on"])}
    return form, None


def _chosen(terms: list[DutyTerm], code: str, day: date) -> DutyTerm:
    for term in queries.in_force(terms, day):
        if term.code == code and term.length:
            return term
    raise Invalid(N_("Choose a term from the list."), field="term")


def _said(term: DutyTerm) -> str:
    """A term in a line, as the small form offers it."""
    return f"{label(term.duty, 'duty')} · {for_whom(term)} · {length_of(term.unit, term.length)}"


def _known_years(today: date) -> dict[str, int | None]:
    """From which to which year the national calendar is published, and the next that is not yet."""
    year = FIRST_YEAR
    while calendar.is_published(year):
        year += 1
    return {
        "first": FIRST_YEAR,
        "last": year - 1 if year > FIRST_YEAR else None,
        "next": max(year, today.year),
    }
