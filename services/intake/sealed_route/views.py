"""What API and pages do alike on the sealed route."""

from typing import Any
from uuid import UUID

from services.intake.registration.views import petition_as_read
from services.intake.sealed_route import commands
from services.intake.sealed_route.models import SealedMatter
from shared.county import load_county
from shared.web.access import current_viewer
from shared.web.request import current_instance, current_session


def enter(body: dict[str, Any]) -> SealedMatter:
    """Enter what was handed over unopened, with a body as schemas.SealedMatterIn loads it. Raises Invalid."""
    county = load_county(current_instance().settings.county_dir)
    return commands.enter(current_session(), body["handed_over_on"], body["handed_over_by"], county=county)


def seal_away(petition_id: UUID, body: dict[str, Any]) -> SealedMatter:
    """Remove a petition that concerns the head. Raises NotFound, Changed, OutOfOrder."""
    petition = petition_as_read(petition_id, body["version"])
    return commands.seal_away(current_session(), petition, by=current_viewer())
