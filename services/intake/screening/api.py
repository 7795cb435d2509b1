"""Screening over HTTP: accept, decline, transfer; and what was decided so far."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.intake.registration.models import Petition
from services.intake.registration.queries import petition_for
from services.intake.registration.schemas import PetitionOut
from services.intake.screening import queries, schemas, views
from services.intake.screening.models import Screening
from services.intake.screening.rules import SCREENERS
from shared.identity.roles import Role
from shared.identity.scopes import PETITIONS
from shared.web.access import access, current_viewer, within
from shared.web.request import current_session

api = Blueprint("screening_api", __name__, url_prefix="/api/petitions", description="M3 Screening")


@api.post("/<uuid:petition_id>/accept")
@api.arguments(schemas.AcceptIn)
@api.response(200, PetitionOut)
@access(*SCREENERS)
@within(PETITIONS)
def accept(body: dict[str, Any], petition_id: UUID) -> Petition:
    """Accept a petition: it is routed to the leader who answers for its township."""
    return views.accept(petition_id, body)


@api.post("/<uuid:petition_id>/decline")
@api.arguments(schemas.DeclineIn)
@api.response(200, PetitionOut)
@access(*SCREENERS)
@within(PETITIONS)
def decline(body: dict[str, Any], petition_id: UUID) -> Petition:
    """Decline a petition with the reason, and say where to go."""
    return views.decline(petition_id, body)


@api.post("/<uuid:petition_id>/transfer")
@api.arguments(schemas.TransferIn)
@api.response(200, PetitionOut)
@access(*SCREENERS)
@within(PETITIONS)
def transfer(body: dict[str, Any], petition_id: UUID) -> Petition:
    """Transfer a petition to the competent agency, which signs for it or sends it back."""
    return views.transfer(petition_id, body)


@api.get("/<uuid:petition_id>/decisions")
@api.response(200, schemas.DecisionOut(many=True))
@access(*SCREENERS, Role.SUPERVISOR)
@within(PETITIONS)
def decisions(petition_id: UUID) -> Sequence[Screening]:
    """Every decision on a petition: who, when, why."""
    petition_for(current_session(), current_viewer(), petition_id)
    return queries.decisions_on(current_session(), petition_id)
