"""Bulletins on pages: issue a month's, read it on the screen, download the Word file."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _

from services.reporting.board import words
from services.reporting.bulletin import queries, schemas
from services.reporting.bulletin.api import ISSUERS, issued, shown, word_file
from services.reporting.bulletin.models import Bulletin
from services.reporting.bulletin.rules import LEADERS, SHARES
from shared import clock
from shared.errors import N_
from shared.identity.roles import CASEWORK
from shared.web.access import access, current_viewer
from shared.web.forms import Form, read_form, step
from shared.web.names import unit_name
from shared.web.paging import PageArguments, page
from shared.web.request import current_session

pages = Blueprint("bulletins", __name__, url_prefix="/bulletins")

MEASURES: Mapping[str, str] = {
    **words.COUNTS,
    **words.SHARES,
    "accepted": N_("Accepted"),
    "transferred": N_("Passed on to another agency"),
}


@pages.get("")
@access(*CASEWORK)
def listing() -> ResponseReturnValue:
    return list_page(Form())


@pages.post("")
@access(*ISSUERS)
def issue() -> ResponseReturnValue:
    return step(
        lambda: issued(read_form(schemas.BulletinIn)["month"]),
        again=list_page,
        then=lambda bulletin: url_for("bulletins.read", bulletin_id=bulletin.id),
        say=_("The bulletin is issued."),
    )


@pages.get("/<uuid:bulletin_id>")
@access(*CASEWORK)
def read(bulletin_id: UUID) -> ResponseReturnValue:
    bulletin = shown(queries.bulletin(current_session(), bulletin_id))
    return render_template(
        "reporting/bulletin.html",
        title=_("Bulletin of %(month)s", month=month_name(bulletin["month"])),
        bulletin=bulletin,
        contents=bulletin["contents"],
        measures=MEASURES,
        shares=SHARES,
        counted_on=date.fromisoformat(bulletin["contents"]["counted_on"]),
        unit_named=_unit_named,
    )


@pages.get("/<uuid:bulletin_id>/file")
@access(*CASEWORK)
def file(bulletin_id: UUID) -> ResponseReturnValue:
    return word_file(bulletin_id)


def list_page(form: Form) -> str:
    """The issued bulletins and, for who issues them, the months that have none."""
    session = current_session()
    chosen = {name: value for name, value in request.args.items() if name == "after"}
    arguments = PageArguments().load(chosen)
    may_issue = current_viewer().role in ISSUERS
    months = queries.months_to_issue(session, clock.today()) if may_issue else []
    return render_template(
        "reporting/bulletins.html",
        title=_("Monthly bulletins"),
        found=page(session, queries.bulletins(), Bulletin.month, arguments, newest_first=True),
        months=[(month, month_name(month)) for month in months],
        month_name=month_name,
        form=form,
    )


def month_name(month: str) -> str:
    """2026-03 in the reader's language: 2026年3月, March 2026."""
    said: str = format_date(date.fromisoformat(f"{month}-01"), _("MMMM y"))
    return said


def _unit_named(code: str) -> str:
    return _("Leaders in charge, together") if code == LEADERS else unit_name(code)
