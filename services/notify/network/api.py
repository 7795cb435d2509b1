"""Extracts over HTTP: draft, issue, confirm, answer, recall."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.notify.network import commands, queries, schemas
from services.notify.network.models import Extract
from shared.identity.roles import Role
from shared.identity.scopes import EXTRACTS, SHARING
from shared.web.access import access, current_viewer, within
from shared.web.paging import page
from shared.web.request import current_session
from shared.web.versions import StepSchema

api = Blueprint("network_api", __name__, url_prefix="/api", description="M25 The information network")


@api.get("/extracts")
@api.arguments(schemas.ExtractArguments, location="query")
@api.response(200, schemas.ExtractPage)
@access(*queries.READERS)
@within(EXTRACTS)
def listing(arguments: dict[str, Any]) -> dict[str, Any]:
    """The extracts that you may see, the newest first; an agency sees those that were issued to it."""
    statement = queries.extracts_for(current_viewer(), arguments)
    return page(current_session(), statement, Extract.list_key, arguments, newest_first=True)


@api.post("/petitions/<uuid:petition_id>/extracts")
@api.arguments(schemas.ExtractIn)
@api.response(201, schemas.ExtractOut)
@access(*queries.WRITERS)
@within(SHARING)
def draft(body: dict[str, Any], petition_id: UUID) -> Extract:
    """Draft an extract of a petition in your charge for one agency."""
    return commands.draft(current_session(), petition_id, by=current_viewer(), **body)


@api.get("/extracts/<uuid:extract_id>")
@api.response(200, schemas.ExtractOut)
@access(*queries.READERS)
@within(EXTRACTS)
def read(extract_id: UUID) -> Extract:
    """One extract."""
    return queries.extract_for(current_session(), current_viewer(), extract_id)


@api.post("/extracts/<uuid:extract_id>/discard")
@api.arguments(StepSchema)
@api.response(204)
@access(*queries.WRITERS)
@within(EXTRACTS)
def discard(body: dict[str, int], extract_id: UUID) -> None:
    """Throw a draft away."""
    commands.discard(current_session(), extract_id, by=current_viewer(), **body)


@api.post("/extracts/<uuid:extract_id>/issue")
@api.arguments(StepSchema)
@api.response(200, schemas.ExtractOut)
@access(*queries.ISSUERS)
@within(EXTRACTS)
def issue(body: dict[str, int], extract_id: UUID) -> Extract:
    """Issue a draft: from now on the agency may read it."""
    return commands.issue(current_session(), extract_id, by=current_viewer(), **body)


@api.post("/extracts/<uuid:extract_id>/receipt")
@api.arguments(StepSchema)
@api.response(200, schemas.ExtractOut)
@access(Role.LIAISON)
@within(EXTRACTS)
def confirm(body: dict[str, int], extract_id: UUID) -> Extract:
    """Confirm that your agency read it: the receipt."""
    return commands.confirm_read(current_session(), extract_id, by=current_viewer(), **body)


@api.post("/extracts/<uuid:extract_id>/answer")
@api.arguments(schemas.AnswerIn)
@api.response(200, schemas.ExtractOut)
@access(Role.LIAISON)
@within(EXTRACTS)
def answer(body: dict[str, Any], extract_id: UUID) -> Extract:
    """Say what your agency did or found."""
    return commands.answer(current_session(), extract_id, by=current_viewer(), **body)


@api.post("/extracts/<uuid:extract_id>/recall")
@api.arguments(schemas.RecallIn)
@api.response(200, schemas.ExtractOut)
@access(*queries.ISSUERS)
@within(EXTRACTS)
def recall(body: dict[str, Any], extract_id: UUID) -> Extract:
    """Take an extract back: what it said is destroyed."""
    return commands.recall(current_session(), extract_id, by=current_viewer(), **body)
