"""What API and pages do alike with a petition: register it, read it as of a version, issue its code."""

from uuid import UUID

from services.intake.identities.vault import vault_of
from services.intake.registration import commands, queries
from services.intake.registration.models import Petition
from services.intake.registration.rules import NewPetition
from shared.county import load_county
from shared.web.access import current_viewer
from shared.web.request import current_instance, current_session
from shared.web.versions import check_version


def register(new: NewPetition) -> commands.Registered:
    """Enter a petition in the register. Raises Invalid naming the fields, OutOfOrder, NotFound."""
    instance = current_instance()
    session, viewer = current_session(), current_viewer()
    done = commands.register(
        session,
        new,
        by=viewer.post,
        county=load_county(instance.settings.county_dir),
        vault=vault_of(instance),
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
    return commands.issue_code_later(current_session(), petition, vault_of(current_instance()), lost=lost)
