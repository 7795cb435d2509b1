"""The board as a page: tiles and tables, each count leading to the petitions behind it."""

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.reporting.board import queries, schemas
from services.reporting.board.api import page_of_petitions
from services.reporting.progress.queries import failed_messages
from shared.county import load_county
from shared.errors import N_
from shared.identity.roles import CASEWORK, Role
from shared.web.access import access, current_viewer
from shared.web.app import choose_language
from shared.web.request import current_instance, current_session

pages = Blueprint("board", __name__, url_prefix="/board")

TILES: tuple[tuple[str, str, dict[str, str]], ...] = (  # measure, label, filter behind it
    ("open", N_("Open"), {}),
    ("due_soon", N_("Due within a week"), {"light": "due_soon"}),
    ("late", N_("Overdue"), {"light": "late"}),
    ("repeated", N_("Came back"), {}),
    ("resolved", N_("Closed"), {"state": "closed"}),
)
SHARES = (
    ("on_time_share", N_("Share closed in time")),
    ("upheld_share", N_("Share upheld")),
    ("satisfied_share", N_("Share satisfied")),
)
TABLES = (
    ("by_township", "township", N_("By township")),
    ("by_leader", "leader", N_("By leader")),
    ("by_content_class", "content_class", N_("By content class")),
    ("by_month", "month", N_("By month of registration")),
)
STATES = {
    "registered": N_("Registered"),
    "accepted": N_("Accepted"),
    "declined": N_("Declined"),
    "transferred": N_("Transferred"),
    "in_charge": N_("In charge of a leader"),
    "closed": N_("Closed"),
}


@pages.get("")
@access(*CASEWORK)
def show() -> ResponseReturnValue:
    return board_page()


@pages.get("/petitions")
@access(*CASEWORK)
def petitions() -> ResponseReturnValue:
    known = schemas.BoardArguments._declared_fields
    arguments = schemas.BoardArguments().load({k: v for k, v in request.args.items() if k in known and v})
    found = page_of_petitions(arguments)
    again = {k: v for k, v in request.args.items() if k in known and k != "after"}
    return render_template(
        "reporting/petitions.html",
        title=_("Petitions behind the count"),
        petitions=found["items"],
        next=found["next"],
        again=again,
        names=_names(),
        states=STATES,
    )


def board_page() -> str:
    """The board of whoever is signed in, which is the start page of the service too."""
    session, viewer = current_session(), current_viewer()
    return render_template(
        "reporting/board.html",
        title=_("Board"),
        board=queries.board(session, viewer),
        tiles=TILES,
        shares=SHARES,
        tables=TABLES,
        names=_names(),
        failed=failed_messages(session) if viewer.role is Role.SUPERVISOR else 0,
    )


def _names() -> dict[str, dict[str, str]]:
    """What the codes of each column are called in the reader's language."""
    county = load_county(current_instance().settings.county_dir)
    chinese = choose_language() == "zh"

    def named(entries: Any) -> dict[str, str]:
        return {entry.code: entry.name if chinese else entry.name_en for entry in entries}

    return {
        "township": named(county.townships),
        "leader": named(county.units),
        "content_class": named(county.content_classes),
        "month": {},
    }
