"""Clocks over HTTP: list, count, ask for an extension or a pause, decide, resume."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.supervision.clocks import queries, requests, schemas
from services.supervision.clocks.models import Clock, ClockRequest
from services.supervision.clocks.rules import HOLDERS, READERS, RESUMERS
from shared.identity.roles import Role
from shared.identity.scopes import CLOCK_REQUESTS, CLOCKS
from shared.web.access import access, current_viewer, within
from shared.web.paging import page
from shared.web.request import current_session
from shared.web.versions import StepSchema

api = Blueprint("clocks_api", __name__, url_prefix="/api/clocks", description="M17 Clocks")
requests_api = Blueprint(
    "clock_requests_api",
    __name__,
    url_prefix="/api/clock-requests",
    description="M17 Extensions and pauses",
)


@api.get("")
@api.arguments(schemas.ClockArguments, location="query")
@api.response(200, schemas.ClockPage)
@access(*READERS)
@within(CLOCKS)
def listing(arguments: dict[str, Any]) -> dict[str, Any]:
    """What runs before what stopped, what is superior-assigned first, then by the last day."""
    statement = queries.clocks_for(current_viewer(), arguments)
    return page(current_session(), statement, Clock.list_key, arguments)


@api.get("/summary")
@api.response(200, schemas.SummaryOut)
@access(*READERS)
@within(CLOCKS)
def summary() -> dict[str, Any]:
    """How many clocks show which light, over all and by holder."""
    return queries.summary(current_session(), current_viewer())


@api.get("/<uuid:clock_id>")
@api.response(200, schemas.ClockOut)
@access(*READERS)
@within(CLOCKS)
def read(clock_id: UUID) -> Clock:
    """One clock with its term, who held it when, its pauses and requests."""
    return queries.clock_for(current_session(), current_viewer(), clock_id)


@api.post("/<uuid:clock_id>/extension-requests")
@api.arguments(schemas.ExtensionIn)
@api.response(201, schemas.RequestOut)
@access(*HOLDERS)
@within(CLOCKS)
def ask_extension(body: dict[str, Any], clock_id: UUID) -> ClockRequest:
    """Ask the head for more days (Regulation, article 34)."""
    return requests.ask_extension(current_session(), clock_id, by=current_viewer(), **body)


@api.post("/<uuid:clock_id>/pause-requests")
@api.arguments(schemas.PauseIn)
@api.response(201, schemas.RequestOut)
@access(*HOLDERS)
@within(CLOCKS)
def ask_pause(body: dict[str, Any], clock_id: UUID) -> ClockRequest:
    """Ask the head that the clock stand still, as during a hearing."""
    return requests.ask_pause(current_session(), clock_id, by=current_viewer(), **body)


@api.post("/<uuid:clock_id>/resume")
@api.arguments(StepSchema)
@api.response(200, schemas.ClockOut)
@access(*RESUMERS)
@within(CLOCKS)
def resume(body: dict[str, Any], clock_id: UUID) -> Clock:
    """Let a paused clock run again; its last day moves by the paused time."""
    return requests.resume(current_session(), clock_id, by=current_viewer(), **body)


@api.post("/<uuid:clock_id>/completion")
@api.arguments(StepSchema)
@api.response(200, schemas.ClockOut)
@access(*HOLDERS)
@within(CLOCKS)
def complete(body: dict[str, Any], clock_id: UUID) -> Clock:
    """Report an instruction as carried out."""
    return requests.complete(current_session(), clock_id, by=current_viewer(), **body)


@requests_api.get("")
@requests_api.arguments(schemas.RequestArguments, location="query")
@requests_api.response(200, schemas.RequestPage)
@access(*READERS)
@within(CLOCK_REQUESTS)
def list_requests(arguments: dict[str, Any]) -> dict[str, Any]:
    """Requests, the newest first."""
    statement = queries.requests_for(current_viewer(), arguments.get("state"))
    return page(current_session(), statement, ClockRequest.list_key, arguments, newest_first=True)


@requests_api.post("/<uuid:request_id>/decision")
@requests_api.arguments(schemas.DecisionIn)
@requests_api.response(200, schemas.RequestOut)
@access(Role.HEAD)
@within(CLOCK_REQUESTS)
def decide(body: dict[str, Any], request_id: UUID) -> ClockRequest:
    """The head approves or refuses."""
    return requests.decide(current_session(), request_id, by=current_viewer(), **body)


@requests_api.post("/<uuid:request_id>/notice")
@requests_api.arguments(schemas.NoticeIn)
@requests_api.response(200, schemas.RequestOut)
@access(*HOLDERS)
@within(CLOCK_REQUESTS)
def notice(body: dict[str, Any], request_id: UUID) -> ClockRequest:
    """Record when the petitioner was told the reasons of an extension."""
    return requests.tell_petitioner(current_session(), request_id, by=current_viewer(), **body)
