"""What petitioners ask for, over HTTP, for the offices. They ask by their code in the portal."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.intake.petitioner_requests import queries, schemas, views
from services.intake.petitioner_requests.models import PetitionerRequest
from services.intake.petitioner_requests.rules import ANSWERS, READERS
from shared.county import County, load_county
from shared.identity.scopes import REQUESTS
from shared.web.access import access, current_viewer, within
from shared.web.paging import page
from shared.web.request import current_instance, current_session

api = Blueprint(
    "petitioner_requests_api", __name__, url_prefix="/api/petitioner-requests", description="M1 Requests"
)


@api.get("")
@api.arguments(schemas.RequestArguments, location="query")
@api.response(200, schemas.RequestPage)
@access(*READERS)
@within(REQUESTS)
def listing(arguments: dict[str, Any]) -> dict[str, Any]:
    """The requests on the petitions that you may see, the oldest first.

    Reports of retaliation are in it only for the posts that the county has named for them.
    """
    statement = queries.requests_for(current_viewer(), _county(), arguments)
    return page(current_session(), statement, PetitionerRequest.list_key, arguments)


@api.post("/<uuid:request_id>/answer")
@api.arguments(schemas.AnswerIn)
@api.response(200, schemas.RequestOut)
@access(*frozenset.union(*ANSWERS.values()))
@within(REQUESTS)
def answer(body: dict[str, Any], request_id: UUID) -> PetitionerRequest:
    """Answer a request; the petitioner finds the answer by the query code."""
    return views.answer(request_id, body)


def _county() -> County:
    return load_county(current_instance().settings.county_dir)
