"""What API and pages do alike with a petition: register it, read it as of a version, open its identity."""

from uuid import UUID

from services.intake.identities import store
from services.intake.identities.store import Person
from services.intake.registration import commands, queries
from services.intake.registration.models import Petition
from services.intake.registration.rules import NewPetition
from shared.county import load_county
from shared.errors import Forbidden, NotFound
from shared.identity.roles import Viewer
from shared.web.access import current_viewer
from shared.web.request import current_instance, current_session
from shared.web.versions import check_version


def register(new: NewPetition) -> commands.Registered:
    """Enter a petition in the register. Raises Invalid naming the fields, OutOfOrder, NotFound."""
    settings = current_instance().settings
    session, viewer = current_session(), current_viewer()
    done = commands.register(
        session,
        new,
        by=viewer.post,
        county=load_county(settings.county_dir),
        secret=settings.secret_key,
    )
    if not done.is_new:  # whoever entered it may have been excluded from it since
        queries.the_one(session, queries.unsealed(viewer), done.petition.id)
    return done


def petition_as_read(petition_id: UUID, version: int) -> Petition:
    """A petition that the viewer has read in this version. Raises NotFound, Changed."""
    petition = queries.petition_for(current_session(), current_viewer(), petition_id)
    check_version(petition, version)
    return petition


def issue_code(petition_id: UUID, *, lost: bool) -> str:
    """A query code of a petition, in place of the former where that is lost. Raises NotFound, OutOfOrder."""
    petition = queries.petition_for(current_session(), current_viewer(), petition_id)
    return commands.issue_code_later(
        current_session(), petition, current_instance().settings.secret_key, lost=lost
    )


def open_identity(petition_id: UUID, reason: str) -> list[Person]:
    """Who brought a petition, for a reason; the look is on the access log, a refusal too.

    Raises Invalid without a reason, Forbidden, NotFound.
    """
    session, viewer = current_session(), current_viewer()
    try:
        queries.petition_for(session, viewer, petition_id)
        return store.open_identity(session, petition_id, viewer, reason)
    except (Forbidden, NotFound):
        session.rollback()
        _log_refusal(petition_id, viewer, reason)
        raise


def _log_refusal(petition_id: UUID, viewer: Viewer, reason: str) -> None:
    with current_instance().db.write() as session:
        if session.get(Petition, petition_id):
            store.log_refusal(session, petition_id, viewer, reason)
