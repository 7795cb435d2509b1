"""The roster over HTTP: the roster of a day, its history, changes, stand-ins."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.assignment.roster import commands, queries, schemas
from services.assignment.roster.models import RosterEntry, StandIn
from shared import clock
from shared.identity.roles import Role
from shared.web.access import access, current_viewer, everyone_signed_in
from shared.web.request import current_session
from shared.web.versions import StepSchema

api = Blueprint("roster_api", __name__, url_prefix="/api/roster", description="M6 Roster")


@api.get("")
@api.arguments(schemas.RosterArguments, location="query")
@api.response(200, schemas.RosterOut)
@everyone_signed_in
def roster(arguments: dict[str, Any]) -> dict[str, Any]:
    """The roster of a day: exactly one leader, office and team per township."""
    day = arguments.get("on") or clock.today()
    session = current_session()
    return {"on": day, "version": queries.version(session), "entries": queries.entries_on(session, day)}


@api.get("/history")
@api.arguments(schemas.HistoryArguments, location="query")
@api.response(200, schemas.RosterEntryOut(many=True))
@everyone_signed_in
def history(arguments: dict[str, Any]) -> Sequence[RosterEntry]:
    """Every line that was, is or is to come, by township and first day."""
    return queries.history(current_session(), arguments.get("township"))


@api.post("/changes")
@api.arguments(schemas.ChangeIn)
@api.response(201, schemas.ChangedOut)
@access(Role.HEAD, Role.SUPERVISOR)
def change(body: dict[str, Any]) -> dict[str, Any]:
    """Change the roster from a day on; open cases are handed over on that day, with a receipt."""
    session = current_session()
    made = commands.change_roster(session, body["entries"], by=current_viewer(), version=body["version"])
    return {"version": queries.version(session), "entries": made}


@api.get("/stand-ins")
@api.response(200, schemas.StandInOut(many=True))
@everyone_signed_in
def stand_ins() -> Sequence[StandIn]:
    """Who stands in for whom, today and later."""
    return queries.stand_ins(current_session(), ending_from=clock.today())


@api.post("/stand-ins")
@api.arguments(schemas.StandInIn)
@api.response(201, schemas.StandInRecorded)
@access(Role.HEAD, Role.SUPERVISOR)
def record_stand_in(body: dict[str, Any]) -> commands.Recorded:
    """Record who may act in the cases of an absent leader; the cases stay the leader's own."""
    return commands.record_stand_in(
        current_session(), body["absence"], by=current_viewer(), version=body["version"]
    )


@api.post("/stand-ins/<uuid:stand_in_id>/end")
@api.arguments(StepSchema)
@api.response(200, schemas.StandInRecorded)
@access(Role.HEAD, Role.SUPERVISOR)
def end_stand_in(body: dict[str, Any], stand_in_id: UUID) -> commands.Recorded:
    """End a stand-in, now."""
    return commands.end_stand_in(current_session(), stand_in_id, version=body["version"])
