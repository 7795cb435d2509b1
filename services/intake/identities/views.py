"""What API and pages do alike: open an identity, ask for agreement, decide on it, erase."""

from typing import Any
from uuid import UUID

from services.intake.identities import commands, queries, store
from services.intake.identities.models import OpeningRequest
from services.intake.identities.rules import Act, Person
from services.intake.identities.vault import vault_of
from services.intake.registration.models import Petition
from services.intake.registration.queries import petition_for
from shared.errors import Forbidden, NotFound, OutOfOrder
from shared.identity.roles import Viewer
from shared.web.access import current_viewer
from shared.web.request import current_instance, current_session
from shared.web.versions import check_version


def open_identity(petition_id: UUID, reason: str) -> list[Person]:
    """Who brought a petition, for a reason; the look is on the access log, a refusal too.

    Raises Invalid without a reason, Forbidden, NotFound, OutOfOrder without a second person's agreement.
    """
    session, viewer = current_session(), current_viewer()
    try:
        petition = petition_for(session, viewer, petition_id)
        return commands.open_identity(session, petition, viewer, reason, vault_of(current_instance()))
    except (Forbidden, NotFound, OutOfOrder):
        session.rollback()
        _log_refusal(petition_id, viewer, reason)
        raise


def ask(petition_id: UUID, reason: str) -> OpeningRequest:
    """Ask for a second person's agreement; a refusal is on the access log. Raises as open_identity."""
    session, viewer = current_session(), current_viewer()
    try:
        return commands.ask(session, petition_for(session, viewer, petition_id), viewer, reason)
    except (Forbidden, NotFound):
        session.rollback()
        _log_refusal(petition_id, viewer, reason)
        raise


def decide(request_id: UUID, body: dict[str, Any]) -> OpeningRequest:
    """Agree or refuse, with a body as schemas.DecisionIn loads it; who may not is on the access log."""
    session, viewer = current_session(), current_viewer()
    asked = queries.request_for(session, viewer, request_id)
    check_version(asked, body["version"])
    petition_id = asked.petition_id  # read now: after the rollback it would open a transaction again
    try:
        commands.decide(session, asked, viewer, agreed=body["agreed"])
    except Forbidden:
        session.rollback()
        _log_refusal(petition_id, viewer, "-")
        raise
    return asked


def erase(petition_id: UUID, reason: str) -> None:
    """Erase who brought a petition. Raises Invalid without a reason, NotFound."""
    petition = petition_for(current_session(), current_viewer(), petition_id)
    commands.erase(current_session(), petition, current_viewer(), reason)


def _log_refusal(petition_id: UUID, viewer: Viewer, reason: str) -> None:
    """In a transaction of its own, since the request fails."""
    with current_instance().db.write() as session:
        if session.get(Petition, petition_id):
            store.note(session, petition_id, viewer.post, Act.REFUSED, reason)
