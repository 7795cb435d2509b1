"""Transfers over HTTP: an agency's liaison sees what came, signs for it or sends it back."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.intake.transfers import queries, schemas, views
from services.intake.transfers.models import Transfer
from shared.identity.roles import Role
from shared.identity.scopes import TRANSFERS
from shared.web.access import access, current_viewer, within
from shared.web.paging import page
from shared.web.request import current_session
from shared.web.versions import StepSchema

api = Blueprint("transfers_api", __name__, url_prefix="/api/transfers", description="M3 Transfers")
READERS = (Role.LIAISON, Role.CLERK, Role.HEAD, Role.SUPERVISOR)


@api.get("")
@api.arguments(schemas.TransferArguments, location="query")
@api.response(200, schemas.TransferPage)
@access(*READERS)
@within(TRANSFERS)
def listing(arguments: dict[str, Any]) -> dict[str, Any]:
    """Transfers, what a superior organ assigned first; an agency sees its own."""
    statement = queries.transfers_for(current_viewer(), arguments.get("state"))
    found = page(current_session(), statement, Transfer.list_key, arguments, newest_first=True)
    return found | {"items": queries.with_petitions(current_session(), found["items"])}


@api.get("/<uuid:transfer_id>")
@api.response(200, schemas.TransferOut)
@access(*READERS)
@within(TRANSFERS)
def read(transfer_id: UUID) -> dict[str, Any]:
    """One transfer with the matter; who brought it is not told."""
    found = queries.transfer_for(current_session(), current_viewer(), transfer_id)
    return queries.with_matter(current_session(), found)


@api.post("/<uuid:transfer_id>/sign")
@api.arguments(StepSchema)
@api.response(200, schemas.TransferOut)
@access(Role.LIAISON)
@within(TRANSFERS)
def sign(body: dict[str, Any], transfer_id: UUID) -> dict[str, Any]:
    """Sign for a petition."""
    return queries.with_matter(current_session(), views.sign(transfer_id, body))


@api.post("/<uuid:transfer_id>/return")
@api.arguments(schemas.ReturnIn)
@api.response(200, schemas.TransferOut)
@access(Role.LIAISON)
@within(TRANSFERS)
def send_back(body: dict[str, Any], transfer_id: UUID) -> dict[str, Any]:
    """Send a petition back with the reasons; it is screened again."""
    return queries.with_matter(current_session(), views.send_back(transfer_id, body))
