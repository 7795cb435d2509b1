"""The sealed register over HTTP. Only the petition office sees it, never the head."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy import select

from services.intake.sealed_route import schemas, views
from services.intake.sealed_route.models import SealedMatter
from shared.identity.roles import Role
from shared.identity.scopes import PETITIONS
from shared.web.access import access, within
from shared.web.paging import PageArguments, page
from shared.web.request import current_session
from shared.web.versions import StepSchema

api = Blueprint("sealed_api", __name__, url_prefix="/api", description="M3 Sealed route")


@api.post("/sealed-matters")
@api.arguments(schemas.SealedMatterIn)
@api.response(201, schemas.SealedMatterOut)
@access(Role.CLERK)
def enter(body: dict[str, Any]) -> SealedMatter:
    """Enter that something was handed to the superior organ unopened: number, date and by whom."""
    return views.enter(body)


@api.get("/sealed-matters")
@api.arguments(PageArguments, location="query")
@api.response(200, schemas.SealedMatterPage)
@access(Role.CLERK)
def listing(arguments: dict[str, Any]) -> dict[str, Any]:
    """What left by the sealed route, newest number first."""
    statement = select(SealedMatter)
    return page(current_session(), statement, SealedMatter.number, arguments, newest_first=True)


@api.post("/petitions/<uuid:petition_id>/seal-away")
@api.arguments(StepSchema)
@api.response(200, schemas.SealedMatterOut)
@access(Role.CLERK)
@within(PETITIONS)
def seal_away(body: dict[str, Any], petition_id: UUID) -> SealedMatter:
    """Remove a petition that concerns the head and was registered by mistake. It cannot be undone."""
    return views.seal_away(petition_id, body)
