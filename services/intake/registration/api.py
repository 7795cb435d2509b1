"""The register over HTTP: enter a petition, list, read, open an identity for a reason."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.intake.identities import store
from services.intake.identities.models import IdentityAccess
from services.intake.identities.store import Person
from services.intake.registration import commands, queries, schemas
from services.intake.registration.models import Petition
from services.intake.registration.rules import NewPetition
from shared.county import load_county
from shared.errors import Forbidden, NotFound
from shared.identity.roles import CASEWORK, Role, Viewer
from shared.web.access import access, current_viewer, everyone_signed_in
from shared.web.paging import page
from shared.web.request import current_instance, current_session

api = Blueprint("petitions_api", __name__, url_prefix="/api/petitions", description="M1 Registration")


@api.post("")
@api.arguments(schemas.PetitionIn)
@api.response(201, schemas.RegisteredOut)
@access(Role.CLERK, Role.TOWNSHIP, Role.LIAISON)
def register(new: NewPetition) -> commands.Registered:
    """Enter a petition in the register; its query code is in the answer, this once."""
    settings = current_instance().settings
    session, viewer = current_session(), current_viewer()
    done = commands.register(
        session,
        new,
        by=viewer.post,
        county=load_county(settings.county_dir),
        secret=settings.secret_key,
    )
    if not done.is_new:  # whoever entered it may have been excluded from it since
        queries.the_one(session, queries.unsealed(viewer), done.petition.id)
    return done


@api.get("")
@api.arguments(schemas.PetitionArguments, location="query")
@api.response(200, schemas.PetitionPage)
@access(*CASEWORK)
def listing(arguments: dict[str, Any]) -> dict[str, Any]:
    """The register: what a superior organ assigned first, then the newest number first."""
    statement = queries.petitions_for(current_viewer(), arguments)
    return page(current_session(), statement, Petition.register_key, arguments, newest_first=True)


@api.get("/<uuid:petition_id>")
@api.response(200, schemas.PetitionOut)
@access(*CASEWORK)
def read(petition_id: UUID) -> Petition:
    """One petition with its text."""
    return queries.petition_for(current_session(), current_viewer(), petition_id)


@api.post("/<uuid:petition_id>/code")
@api.response(201, schemas.CodeOut)
@access(Role.CLERK)
def code(petition_id: UUID) -> dict[str, str]:
    """Issue the query code of a petition that was registered without one; it is shown this once."""
    petition = queries.petition_for(current_session(), current_viewer(), petition_id)
    secret = current_instance().settings.secret_key
    return {"code": commands.issue_code_later(current_session(), petition, secret)}


@api.post("/<uuid:petition_id>/identity")
@api.arguments(schemas.Reason)
@api.response(200, schemas.IdentityOut)
@everyone_signed_in  # so that a refusal, too, is on the access log
def identity(body: dict[str, str], petition_id: UUID) -> dict[str, list[Person]]:
    """See who brought a petition, for a reason; the look is on the access log, a refusal too."""
    session, viewer = current_session(), current_viewer()
    try:
        queries.petition_for(session, viewer, petition_id)
        return {"people": store.open_identity(session, petition_id, viewer, body["reason"])}
    except (Forbidden, NotFound):
        session.rollback()
        _log_refusal(petition_id, viewer, body["reason"])
        raise


@api.get("/<uuid:petition_id>/identity-accesses")
@api.response(200, schemas.IdentityAccessOut(many=True))
@access(Role.CLERK, Role.HEAD)
def identity_accesses(petition_id: UUID) -> Sequence[IdentityAccess]:
    """Who looked at the identity of a petition, or was refused: when and why."""
    queries.petition_for(current_session(), current_viewer(), petition_id)
    return store.accesses(current_session(), petition_id)


def _log_refusal(petition_id: UUID, viewer: Viewer, reason: str) -> None:
    with current_instance().db.write() as session:
        if session.get(Petition, petition_id):
            store.log_refusal(session, petition_id, viewer, reason)
