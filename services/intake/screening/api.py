"""Screening over HTTP: accept, decline, transfer; and what was decided so far."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.intake.registration.models import Petition
from services.intake.registration.queries import petition_for
from services.intake.registration.schemas import PetitionOut
from services.intake.screening import commands, queries, schemas
from services.intake.screening.models import Screening
from services.intake.transfers.commands import transfer as transfer_to
from shared.county import load_county
from shared.identity.roles import Role
from shared.web.access import access, current_viewer
from shared.web.request import current_instance, current_session
from shared.web.versions import check_version

api = Blueprint("screening_api", __name__, url_prefix="/api/petitions", description="M3 Screening")
# A township's post: only what its own commission received, see rules.check_screener.
SCREENERS = (Role.CLERK, Role.HEAD, Role.TOWNSHIP)


@api.post("/<uuid:petition_id>/accept")
@api.arguments(schemas.AcceptIn)
@api.response(200, PetitionOut)
@access(*SCREENERS)
def accept(body: dict[str, Any], petition_id: UUID) -> Petition:
    """Accept a petition: it is routed to the leader who answers for its township."""
    petition = _as_read(petition_id, body["version"])
    county = load_county(current_instance().settings.county_dir)
    commands.accept(current_session(), petition, body["decision"], by=current_viewer(), county=county)
    return _saved(petition)


@api.post("/<uuid:petition_id>/decline")
@api.arguments(schemas.DeclineIn)
@api.response(200, PetitionOut)
@access(*SCREENERS)
def decline(body: dict[str, Any], petition_id: UUID) -> Petition:
    """Decline a petition with the reason, and say where to go."""
    petition = _as_read(petition_id, body["version"])
    commands.decline(current_session(), petition, body["reason"], body["where_to_go"], by=current_viewer())
    return _saved(petition)


@api.post("/<uuid:petition_id>/transfer")
@api.arguments(schemas.TransferIn)
@api.response(200, PetitionOut)
@access(*SCREENERS)
def transfer(body: dict[str, Any], petition_id: UUID) -> Petition:
    """Transfer a petition to the competent agency, which signs for it or sends it back."""
    petition = _as_read(petition_id, body["version"])
    transfer_to(
        current_session(),
        petition,
        body["to_agency"],
        tuple(body.get("complained_of_units", ())),
        by=current_viewer(),
        county=load_county(current_instance().settings.county_dir),
    )
    return _saved(petition)


@api.get("/<uuid:petition_id>/decisions")
@api.response(200, schemas.DecisionOut(many=True))
@access(*SCREENERS, Role.SUPERVISOR)
def decisions(petition_id: UUID) -> Sequence[Screening]:
    """Every decision on a petition: who, when, why."""
    petition_for(current_session(), current_viewer(), petition_id)
    return queries.decisions_on(current_session(), petition_id)


def _as_read(petition_id: UUID, version: int) -> Petition:
    petition = petition_for(current_session(), current_viewer(), petition_id)
    check_version(petition, version)
    return petition


def _saved(petition: Petition) -> Petition:
    current_session().flush()  # so that the answer carries the new version
    return petition
