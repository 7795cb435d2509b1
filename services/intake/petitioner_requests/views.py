"""What API and pages do alike with a request: answer it as it was read."""

from typing import Any
from uuid import UUID

from services.intake.petitioner_requests import commands, queries
from services.intake.petitioner_requests.models import PetitionerRequest
from shared.county import load_county
from shared.web.access import current_viewer
from shared.web.request import current_instance, current_session
from shared.web.versions import check_version


def answer(request_id: UUID, body: dict[str, Any]) -> PetitionerRequest:
    """Answer, with a body as schemas.AnswerIn loads it. Raises NotFound, Changed, OutOfOrder, Forbidden."""
    county = load_county(current_instance().settings.county_dir)
    found = queries.request_for(current_session(), current_viewer(), county, request_id)
    check_version(found, body["version"])
    commands.answer(found, body["text"], by=current_viewer())
    current_session().flush()
    return found
