"""The steps about clocks on pages: ask, decide, resume, report done, note that the petitioner was told.

Each checks with the schema of the API and gives to the same command.
"""

from collections.abc import Callable
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.supervision.clocks import queries, requests, schemas
from services.supervision.clocks.pages import clock_url, pages, requests_page
from services.supervision.clocks.rules import HOLDERS, RESUMERS
from shared.identity.roles import Role
from shared.identity.scopes import CLOCKS
from shared.web.access import access, current_viewer, within
from shared.web.forms import read_form, step
from shared.web.parts import petition_page
from shared.web.request import current_session
from shared.web.versions import StepSchema


@pages.post("/clocks/<uuid:clock_id>/extension")
@access(*HOLDERS)
@within(CLOCKS)
def ask_extension(clock_id: UUID) -> ResponseReturnValue:
    return _with_clock(
        clock_id,
        "extension",
        lambda **said: requests.ask_extension(current_session(), clock_id, **said),
        schemas.ExtensionIn(),
        _("The head is asked for the extension."),
    )


@pages.post("/clocks/<uuid:clock_id>/pause")
@access(*HOLDERS)
@within(CLOCKS)
def ask_pause(clock_id: UUID) -> ResponseReturnValue:
    return _with_clock(
        clock_id,
        "pause",
        lambda **said: requests.ask_pause(current_session(), clock_id, **said),
        schemas.PauseIn(),
        _("The head is asked for the pause."),
    )


@pages.post("/clocks/<uuid:clock_id>/resumption")
@access(*RESUMERS)
@within(CLOCKS)
def resume(clock_id: UUID) -> ResponseReturnValue:
    return _with_clock(
        clock_id,
        "resumption",
        lambda **said: requests.resume(current_session(), clock_id, **said),
        StepSchema(),
        _("The clock runs again."),
    )


@pages.post("/clocks/<uuid:clock_id>/completion")
@access(*HOLDERS)
@within(CLOCKS)
def complete(clock_id: UUID) -> ResponseReturnValue:
    return _with_clock(
        clock_id,
        "completion",
        lambda **said: requests.complete(current_session(), clock_id, **said),
        StepSchema(),
        _("The instruction is reported as carried out."),
    )


@pages.post("/requests/<uuid:request_id>/decision")
@access(Role.HEAD)
@within(CLOCKS)
def decide(request_id: UUID) -> ResponseReturnValue:
    found = queries.request_for(current_session(), current_viewer(), request_id)
    petition_id, name = found.clock.petition_id, f"decision-{request_id}"
    came_from = request.form.get("back")
    leads_to = {"petition": clock_url(found.clock), "desk": url_for("desk.show")}
    return step(
        lambda: requests.decide(
            current_session(), request_id, by=current_viewer(), **read_form(schemas.DecisionIn)
        ),
        again=lambda form: (
            petition_page(petition_id, {name: form})
            if came_from == "petition"
            else requests_page({name: form})
        ),
        then=lambda _done: leads_to.get(came_from or "", url_for("duties.asked")),
        say=_("Your decision is on file."),
    )


@pages.post("/requests/<uuid:request_id>/notice")
@access(*HOLDERS)
@within(CLOCKS)
def tell_petitioner(request_id: UUID) -> ResponseReturnValue:
    found = queries.request_for(current_session(), current_viewer(), request_id)
    petition_id, shown_at = found.clock.petition_id, clock_url(found.clock)
    return step(
        lambda: requests.tell_petitioner(
            current_session(), request_id, by=current_viewer(), **read_form(schemas.NoticeIn)
        ),
        again=lambda form: petition_page(petition_id, {f"notice-{request_id}": form}),
        then=lambda _done: shown_at,
        say=_("It is on file that the petitioner was told."),
    )


def _with_clock(
    clock_id: UUID, name: str, act: Callable[..., object], schema: StepSchema, say: str
) -> ResponseReturnValue:
    """A step with a clock of a petition, which leads back to the petition's page."""
    found = queries.clock_for(current_session(), current_viewer(), clock_id)
    petition_id, shown_at = found.petition_id, clock_url(found)
    return step(
        lambda: act(by=current_viewer(), **read_form(schema)),
        again=lambda form: petition_page(petition_id, {f"{name}-{clock_id}": form}),
        then=lambda _done: shown_at,
        say=say,
    )
