"""Identities over HTTP: open one for a reason, ask a second person to agree, decide, erase, read the log."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.intake.identities import queries, schemas, store, views
from services.intake.identities.models import IdentityAccess, OpeningRequest
from services.intake.identities.rules import MAY_ERASE, MAY_OPEN, Person
from services.intake.registration.queries import petition_for
from shared.identity.roles import Role
from shared.identity.scopes import IDENTITY_REQUESTS, PETITIONS
from shared.web.access import access, current_viewer, everyone_signed_in, within
from shared.web.request import current_session

SEES_ACCESSES = (Role.CLERK, Role.HEAD, Role.SUPERVISOR)
DECIDES = (Role.HEAD, Role.LEADER, Role.SUPERVISOR)

api = Blueprint("identities_api", __name__, url_prefix="/api", description="M1 Identities")


@api.post("/petitions/<uuid:petition_id>/identity")
@api.arguments(schemas.Reason)
@api.response(200, schemas.IdentityOut)
@everyone_signed_in  # so that a refusal, too, is on the access log
@within(PETITIONS)
def identity(body: dict[str, str], petition_id: UUID) -> dict[str, list[Person]]:
    """See who brought a petition, for a reason; the look is on the access log, a refusal too.

    Of an accusation only when a second person has agreed: see identity-requests.
    """
    return {"people": views.open_identity(petition_id, body["reason"])}


@api.get("/petitions/<uuid:petition_id>/identity-accesses")
@api.response(200, schemas.IdentityAccessOut(many=True))
@access(*SEES_ACCESSES)
@within(PETITIONS)
def identity_accesses(petition_id: UUID) -> Sequence[IdentityAccess]:
    """Who looked at the identity of a petition, was refused, asked or agreed: when and why."""
    petition_for(current_session(), current_viewer(), petition_id)
    return store.accesses(current_session(), petition_id)


@api.post("/petitions/<uuid:petition_id>/identity-requests")
@api.arguments(schemas.Reason)
@api.response(201, schemas.OpeningRequestOut)
@access(*MAY_OPEN)
@within(PETITIONS)
def ask(body: dict[str, str], petition_id: UUID) -> OpeningRequest:
    """Ask a second person to agree that you see who brought an accusation."""
    return views.ask(petition_id, body["reason"])


@api.get("/identity-requests")
@api.response(200, schemas.OpeningRequestOut(many=True))
@access(*MAY_OPEN, Role.SUPERVISOR)
@within(IDENTITY_REQUESTS)
def listing() -> Sequence[OpeningRequest]:
    """The requests that wait for your agreement and those that you made, the newest first; at most 100."""
    found = queries.requests_for(current_session(), current_viewer())
    return current_session().scalars(found.order_by(OpeningRequest.asked_at.desc()).limit(100)).all()


@api.post("/identity-requests/<uuid:opening_id>/decision")
@api.arguments(schemas.DecisionIn)
@api.response(200, schemas.OpeningRequestOut)
@access(*DECIDES)
@within(IDENTITY_REQUESTS)
def decide(body: dict[str, Any], opening_id: UUID) -> OpeningRequest:
    """Agree, for one look within 24 hours, or refuse; never the post that asked."""
    return views.decide(opening_id, body)


@api.post("/petitions/<uuid:petition_id>/identity/erasure")
@api.arguments(schemas.Reason)
@api.response(204)
@access(*MAY_ERASE)
@within(PETITIONS)
def erase(body: dict[str, str], petition_id: UUID) -> None:
    """Erase who brought a petition for good, by destroying its key, on a request that was approved."""
    views.erase(petition_id, body["reason"])
