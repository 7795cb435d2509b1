"""The register over HTTP: enter a petition, list, read, open an identity for a reason."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.intake.identities import store
from services.intake.identities.store import Person
from services.intake.registration import commands, queries, schemas
from services.intake.registration.models import Petition
from services.intake.registration.rules import NewPetition
from shared.county import load_county
from shared.errors import Forbidden
from shared.identity.roles import CASEWORK, Role
from shared.web.access import access, current_viewer
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
    return commands.register(
        current_session(),
        new,
        by=current_viewer().post,
        county=load_county(settings.county_dir),
        secret=settings.secret_key,
    )


@api.get("")
@api.arguments(schemas.PetitionArguments, location="query")
@api.response(200, schemas.PetitionPage)
@access(*CASEWORK)
def listing(arguments: dict[str, Any]) -> dict[str, Any]:
    """The register, newest number first."""
    statement = queries.petitions_for(current_viewer(), arguments)
    return page(current_session(), statement, Petition.number, arguments, newest_first=True)


@api.get("/<uuid:petition_id>")
@api.response(200, schemas.PetitionOut)
@access(*CASEWORK)
def read(petition_id: UUID) -> Petition:
    """One petition with its text."""
    return queries.petition_for(current_session(), current_viewer(), petition_id)


@api.post("/<uuid:petition_id>/identity")
@api.arguments(schemas.Reason)
@api.response(200, schemas.PersonOut)
@access(*CASEWORK)
def identity(body: dict[str, str], petition_id: UUID) -> Person:
    """See who brought a petition, for a reason; the look is on the access log, a refusal too."""
    viewer = current_viewer()
    queries.petition_for(current_session(), viewer, petition_id)
    try:
        return store.open_identity(current_session(), petition_id, viewer, body["reason"])
    except Forbidden:
        current_session().rollback()
        with current_instance().db.write() as session:
            store.log_refusal(session, petition_id, viewer, body["reason"])
        raise
