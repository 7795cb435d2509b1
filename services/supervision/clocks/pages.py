"""The pages of clocks: all duties in a list, where lateness lies, and what the head has to decide."""

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload, lazyload, selectinload

from services.supervision.clocks import queries, requests, schemas
from services.supervision.clocks.models import Clock, ClockRequest
from services.supervision.clocks.queries import Lights
from services.supervision.clocks.rules import OVERSEERS, PENDING, READERS, Light
from shared.identity.roles import CASEWORK, SEES_ALL, Role, Viewer
from shared.identity.scopes import CLOCK_REQUESTS, CLOCKS
from shared.web.access import access, current_viewer, within
from shared.web.forms import Form
from shared.web.names import choices, county, label, unit_name
from shared.web.paging import chosen_by, page
from shared.web.parts import StepForms, petition_url
from shared.web.request import current_session

pages = Blueprint("duties", __name__)
OF_TOWNSHIPS = CASEWORK - {Role.TOWNSHIP}  # whose duties come from more townships than one
TONES = {Light.RED: "bad", Light.ORANGE: "warn", Light.YELLOW: "soon", Light.GREEN: "good"}
MOST_BARS = 20
# The township comes for the rows of the page alone, not for all that a filter leaves.
IN_LISTS = (
    selectinload(Clock.matter),
    lazyload(Clock.term),
    lazyload(Clock.holdings),
    lazyload(Clock.pauses),
)
WITH_CLOCK = (joinedload(ClockRequest.clock).joinedload(Clock.matter),)


@pages.get("/duties")
@access(*READERS)
@within(CLOCKS)
def listing() -> ResponseReturnValue:
    viewer, arguments = current_viewer(), chosen_by(schemas.ClockArguments())
    statement = queries.clocks_for(viewer, arguments).options(*IN_LISTS)
    found = page(current_session(), statement, Clock.list_key, arguments)
    return render_template(
        "supervision/duties.html",
        title=_("Duties and their days"),
        found=found,
        chosen=_without_page(arguments),
        holders=_holders(viewer),
        townships=choices(county().townships) if viewer.role in OF_TOWNSHIPS else [],
    )


@pages.get("/late")
@access(*OVERSEERS)
@within(CLOCKS)
def late() -> ResponseReturnValue:
    session, viewer = current_session(), current_viewer()
    holders = worst_first(queries.counted(session, viewer))
    return render_template(
        "supervision/late.html",
        title=_("Where it lies"),
        lights=queries.in_all(holders),
        holders=holders,
        duties=queries.counted(session, viewer, Clock.duty),
        chart=_chart(holders),
    )


@pages.get("/requests")
@access(*OVERSEERS)
@within(CLOCK_REQUESTS)
def asked() -> ResponseReturnValue:
    return requests_page()


def requests_page(forms: dict[str, Form] | None = None) -> str:
    """What waits for the head, the longest first, or what was decided, the newest first."""
    session, viewer = current_session(), current_viewer()
    arguments = chosen_by(schemas.RequestArguments())
    waiting = arguments.setdefault("state", PENDING) == PENDING
    statement = queries.requests_for(viewer, arguments["state"]).options(*WITH_CLOCK)
    found = page(session, statement, ClockRequest.list_key, arguments, newest_first=not waiting)
    return render_template(
        "supervision/requests.html",
        title=_("Extensions and pauses"),
        found=found,
        waits=queries.waiting(session, viewer),
        chosen=_without_page(arguments),
        proposed=requests.proposed_due_on,
        forms=StepForms(forms or {}),
    )


@pages.app_template_global("clock_url")
def clock_url(found: Clock) -> str:
    """Where a clock's petition is shown: at intake, or here to a unit with a duty outside of its own cases.

    Such are an agency, which signs for a transfer, and who carries out an instruction on another's case.
    """
    viewer, matter = current_viewer(), found.matter
    in_charge = viewer.unit in (matter.leader, matter.office, matter.team)
    if viewer.role in SEES_ALL or viewer.role is Role.TOWNSHIP or in_charge:
        return petition_url(found.petition_id)
    return url_for("desk.petition", petition_id=found.petition_id)


def worst_first(lights: list[Lights]) -> list[Lights]:
    """Where most is late, then where most is near its day."""
    return sorted(lights, key=lambda each: [-each.counts[light] for light in TONES])


def _without_page(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if name not in ("after", "limit")}


def _holders(viewer: Viewer) -> list[tuple[str, str]]:
    units = county().units
    return choices(units if viewer.role in SEES_ALL else [unit for unit in units if unit.code == viewer.unit])


def _chart(holders: list[Lights]) -> dict[str, Any]:
    """The lights of each unit, one bar a unit."""
    shown = holders[:MOST_BARS]
    return {
        "kind": "stack",
        "horizontal": True,
        "labels": [unit_name(each.of) for each in shown],
        "series": [
            {
                "name": label(light, "light"),
                "tone": tone,
                "values": [each.counts[light] for each in shown],
                "href": [url_for("duties.listing", holder=each.of, light=light.value) for each in shown],
            }
            for light, tone in TONES.items()
        ],
    }
