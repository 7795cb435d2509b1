"""The register over HTTP: enter a petition, list, read, issue a query code."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.intake.registration import commands, queries, schemas, views
from services.intake.registration.models import Petition
from services.intake.registration.rules import NewPetition
from shared.county import load_county
from shared.identity.roles import CASEWORK, Role
from shared.identity.scopes import PETITIONS
from shared.web.access import access, current_viewer, within
from shared.web.request import current_instance, current_session

api = Blueprint("petitions_api", __name__, url_prefix="/api/petitions", description="M1 Registration")


@api.post("")
@api.arguments(schemas.PetitionIn)
@api.response(201, schemas.RegisteredOut)
@access(Role.CLERK, Role.TOWNSHIP, Role.LIAISON)
def register(new: NewPetition) -> commands.Registered:
    """Enter a petition in the register; its query code is in the answer, this once."""
    return views.register(new)


@api.get("")
@api.arguments(schemas.PetitionArguments, location="query")
@api.response(200, schemas.PetitionPage)
@access(*CASEWORK)
@within(PETITIONS)
def listing(arguments: dict[str, Any]) -> dict[str, Any]:
    """The register: what a superior organ assigned first, then the newest number first."""
    county = load_county(current_instance().settings.county_dir)
    return queries.register_page(current_session(), current_viewer(), arguments, county)


@api.get("/<uuid:petition_id>")
@api.response(200, schemas.PetitionOut)
@access(*CASEWORK)
@within(PETITIONS)
def read(petition_id: UUID) -> Petition:
    """One petition with its text."""
    return queries.petition_for(current_session(), current_viewer(), petition_id)


@api.post("/<uuid:petition_id>/code")
@api.arguments(schemas.CodeNeeded, required=False)
@api.response(201, schemas.CodeOut)
@access(Role.CLERK)
@within(PETITIONS)
def code(body: dict[str, bool], petition_id: UUID) -> dict[str, str]:
    """Issue a query code, shown this once: of a petition that has none, or in place of a lost one."""
    return {"code": views.issue_code(petition_id, lost=body.get("lost", False))}
