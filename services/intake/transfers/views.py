"""What API and pages do alike with a transfer: the agency's answer to it as it was read."""

from typing import Any
from uuid import UUID

from services.intake.registration.models import Petition
from services.intake.transfers import commands, queries
from services.intake.transfers.models import Transfer
from shared.web.access import current_viewer
from shared.web.request import current_session
from shared.web.versions import check_version


def sign(transfer_id: UUID, body: dict[str, Any]) -> Transfer:
    """Sign for a petition. Raises NotFound, OutOfOrder, Changed."""
    found, petition = _as_read(transfer_id, body["version"])
    commands.sign(current_session(), found, petition, by=current_viewer())
    return _saved(found)


def send_back(transfer_id: UUID, body: dict[str, Any]) -> Transfer:
    """Send a petition back; the body as schemas.ReturnIn loads it. Raises NotFound, OutOfOrder, Changed."""
    found, petition = _as_read(transfer_id, body["version"])
    commands.send_back(current_session(), found, petition, body["reason"], body["note"], by=current_viewer())
    return _saved(found)


def _as_read(transfer_id: UUID, version: int) -> tuple[Transfer, Petition]:
    found = queries.transfer_for(current_session(), current_viewer(), transfer_id)
    # The state first: who signs twice is told that it was signed, not that somebody changed it.
    commands.check_waiting(found.state)
    check_version(found, version)
    return found, current_session().get_one(Petition, found.petition_id)


def _saved(found: Transfer) -> Transfer:
    current_session().flush()
    return found
