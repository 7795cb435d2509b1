"""The monthly summary over HTTP: issue, list, read, and the variant for outside."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.reporting.summary import commands, queries, schemas
from services.reporting.summary.models import Summary
from shared.identity.roles import Role
from shared.identity.scopes import SUMMARIES
from shared.web.access import access, current_viewer, within
from shared.web.request import current_session

api = Blueprint("summaries_api", __name__, url_prefix="/api/summaries", description="M26 Monthly summary")

LEADERSHIP = (Role.CLERK, Role.SUPERVISOR, Role.HEAD, Role.LEADER)


@api.post("")
@api.arguments(schemas.SummaryIn)
@api.response(201, schemas.SummaryOut)
@access(Role.CLERK, Role.SUPERVISOR)
def issue(body: dict[str, str]) -> dict[str, Any]:
    """Issue the summary of a month that is over: numbered, and frozen as issued."""
    viewer, session = current_viewer(), current_session()
    summary = commands.issue(session, body["month"], by=viewer.post)
    return queries.summary_for(session, viewer, summary.id)


@api.get("")
@api.response(200, schemas.SummaryRow(many=True))
@access(*LEADERSHIP)
def listing() -> Sequence[Summary]:
    """The issued summaries, newest month first."""
    return queries.summaries(current_session())


@api.get("/<uuid:summary_id>")
@api.response(200, schemas.SummaryOut)
@access(*LEADERSHIP)
@within(SUMMARIES)
def read(summary_id: UUID) -> dict[str, Any]:
    """One summary as it was issued."""
    return queries.summary_for(current_session(), current_viewer(), summary_id)


@api.get("/<uuid:summary_id>/public")
@api.response(200, schemas.PublicSummaryOut)
@access(*LEADERSHIP)
def public_variant(summary_id: UUID) -> dict[str, Any]:
    """What of it may leave the commission, frozen with it: no count below 5, none that gives one away.

    It counts no petition of which a recusal keeps anybody out, so that it is the same for every reader.
    """
    return queries.public_summary(current_session(), summary_id)
