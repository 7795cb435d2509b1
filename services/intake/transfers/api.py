"""Transfers over HTTP: an agency's liaison sees what came, signs for it or sends it back."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.intake.registration.models import Petition
from services.intake.transfers import commands, queries, schemas
from services.intake.transfers.models import Transfer
from shared.identity.roles import Role
from shared.web.access import access, current_viewer
from shared.web.paging import page
from shared.web.request import current_session
from shared.web.versions import StepSchema, check_version

api = Blueprint("transfers_api", __name__, url_prefix="/api/transfers", description="M3 Transfers")
READERS = (Role.LIAISON, Role.CLERK, Role.HEAD, Role.SUPERVISOR)


@api.get("")
@api.arguments(schemas.TransferArguments, location="query")
@api.response(200, schemas.TransferPage)
@access(*READERS)
def listing(arguments: dict[str, Any]) -> dict[str, Any]:
    """Transfers, what a superior organ assigned first; an agency sees its own."""
    statement = queries.transfers_for(current_viewer(), arguments.get("state"))
    found = page(current_session(), statement, Transfer.list_key, arguments, newest_first=True)
    return found | {"items": queries.with_petitions(current_session(), found["items"])}


@api.get("/<uuid:transfer_id>")
@api.response(200, schemas.TransferOut)
@access(*READERS)
def read(transfer_id: UUID) -> dict[str, Any]:
    """One transfer with the matter; who brought it is not told."""
    found = queries.transfer_for(current_session(), current_viewer(), transfer_id)
    return queries.with_matter(current_session(), found)


@api.post("/<uuid:transfer_id>/sign")
@api.arguments(StepSchema)
@api.response(200, schemas.TransferOut)
@access(Role.LIAISON)
def sign(body: dict[str, Any], transfer_id: UUID) -> dict[str, Any]:
    """Sign for a petition."""
    found, petition = _as_read(transfer_id, body["version"])
    commands.sign(current_session(), found, petition, by=current_viewer())
    return _saved(found)


@api.post("/<uuid:transfer_id>/return")
@api.arguments(schemas.ReturnIn)
@api.response(200, schemas.TransferOut)
@access(Role.LIAISON)
def send_back(body: dict[str, Any], transfer_id: UUID) -> dict[str, Any]:
    """Send a petition back with the reasons; it is screened again."""
    found, petition = _as_read(transfer_id, body["version"])
    commands.send_back(current_session(), found, petition, body["reason"], body["note"], by=current_viewer())
    return _saved(found)


def _as_read(transfer_id: UUID, version: int) -> tuple[Transfer, Petition]:
    found = queries.transfer_for(current_session(), current_viewer(), transfer_id)
    # The state first: who signs twice is told that it was signed, not that somebody changed it.
    commands.check_waiting(found.state)
    check_version(found, version)
    return found, current_session().get_one(Petition, found.petition_id)


def _saved(found: Transfer) -> dict[str, Any]:
    current_session().flush()
    return queries.with_matter(current_session(), found)
