"""The portal over HTTP: for anybody, without signing in and without an address being kept."""

from typing import Any, NoReturn, cast

from flask import current_app
from flask_smorest import Blueprint

from services.intake.portal import commands, queries, schemas
from services.intake.portal.limiter import Limiter
from services.intake.portal.models import Rating
from services.intake.registration.codes import find_by_code, plain_code
from services.intake.registration.commands import register
from services.intake.registration.rules import NewPetition
from shared.county import load_county
from shared.errors import N_, NotFound
from shared.web.access import public
from shared.web.request import current_instance, current_session

api = Blueprint("portal_api", __name__, url_prefix="/api/portal", description="M1, M14 Portal")
NO_SUCH_CODE = N_("No petition belongs to this code. Compare it with your receipt, sign by sign.")


@api.post("/petitions")
@api.arguments(schemas.PortalPetitionIn)
@api.response(201, schemas.SubmittedOut)
@public
def submit(new: NewPetition) -> dict[str, str | None]:
    """Submit a petition, by name or anonymous. The query code is in the answer, this once."""
    settings = current_instance().settings
    county = load_county(settings.county_dir)
    done = register(current_session(), new, by="portal", county=county, secret=settings.secret_key)
    return {"number": done.petition.number, "code": done.code}


@api.post("/lookup")
@api.arguments(schemas.CodeIn)
@api.response(200, schemas.StandingOut)
@public
def lookup(body: dict[str, str]) -> dict[str, Any]:
    """How a petition stands, by its query code. Every wrong code is answered alike."""
    settings = current_instance().settings
    # Only reads, and holds no transaction while a wrong answer waits.
    with current_instance().db.read() as session:
        petition = find_by_code(session, body["code"], settings.secret_key)
        if petition:
            return queries.standing(session, petition, load_county(settings.county_dir))
    _answer_wrong(body["code"])


@api.post("/rating")
@api.arguments(schemas.RatingIn)
@api.response(201, schemas.RatingOut)
@public
def rate(body: dict[str, Any]) -> Rating:
    """Rate how the matter was handled, once for each round, after the reply."""
    secret = current_instance().settings.secret_key
    # Looked up first without a lock, so that wrong codes keep nobody from writing.
    with current_instance().db.read() as session:
        is_right = find_by_code(session, body["code"], secret) is not None
    petition = find_by_code(current_session(), body["code"], secret) if is_right else None
    if petition is None:
        _answer_wrong(body["code"])
    return commands.rate(current_session(), petition, body["rating"], body["round"])


def _answer_wrong(code: str) -> NoReturn:
    limiter = current_app.extensions.setdefault("huajie-portal-limiter", Limiter())
    cast(Limiter, limiter).wrong(plain_code(code))
    raise NotFound(NO_SUCH_CODE)
