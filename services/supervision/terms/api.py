"""The terms over HTTP, for everyone who is signed in."""

from typing import Any

from flask_smorest import Blueprint

from services.supervision.terms import queries, schemas
from shared.web.access import everyone_signed_in
from shared.web.request import current_session

api = Blueprint("terms_api", __name__, url_prefix="/api/terms", description="M17 Terms")


@api.get("")
@api.response(200, schemas.TermsOut)
@everyone_signed_in
def listing() -> dict[str, Any]:
    """How long each duty may take, by which article, and when its lights turn."""
    session = current_session()
    return {"items": queries.all_terms(session), "lights": queries.lights(session)}
