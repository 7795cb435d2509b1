"""What API and pages do alike in screening: a decision on a petition as it was read."""

from typing import Any
from uuid import UUID

from services.intake.registration.models import Petition
from services.intake.registration.views import petition_as_read
from services.intake.screening import commands
from services.intake.transfers.commands import transfer as transfer_to
from shared.county import load_county
from shared.web.access import current_viewer
from shared.web.request import current_instance, current_session


def accept(petition_id: UUID, body: dict[str, Any]) -> Petition:
    """Accept, with a body as schemas.AcceptIn loads it."""
    petition = petition_as_read(petition_id, body["version"])
    county = load_county(current_instance().settings.county_dir)
    commands.accept(current_session(), petition, body["decision"], by=current_viewer(), county=county)
    return _saved(petition)


def decline(petition_id: UUID, body: dict[str, Any]) -> Petition:
    """Decline, with a body as schemas.DeclineIn loads it."""
    petition = petition_as_read(petition_id, body["version"])
    commands.decline(current_session(), petition, body["reason"], body["where_to_go"], by=current_viewer())
    return _saved(petition)


def transfer(petition_id: UUID, body: dict[str, Any]) -> Petition:
    """Transfer, with a body as schemas.TransferIn loads it."""
    petition = petition_as_read(petition_id, body["version"])
    transfer_to(
        current_session(),
        petition,
        body["to_agency"],
        tuple(body.get("complained_of_units", ())),
        by=current_viewer(),
        county=load_county(current_instance().settings.county_dir),
    )
    return _saved(petition)


def _saved(petition: Petition) -> Petition:
    current_session().flush()  # so that the answer carries the new version
    return petition
