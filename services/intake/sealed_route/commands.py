"""Entering what left by the sealed route, and sealing away what was registered by mistake."""

from datetime import date

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from services.intake.attachments.commands import forget as forget_attachments
from services.intake.first_reading.commands import forget as forget_readings
from services.intake.identities import store
from services.intake.identities.rules import Purpose
from services.intake.imports.commands import remove as remove_import
from services.intake.imports.models import Import, ImportMark
from services.intake.imports.rules import State as ImportState
from services.intake.messages.commands import forget as forget_messages
from services.intake.petitioner_requests.commands import forget as forget_requests
from services.intake.progress.commands import forget as forget_progress
from services.intake.registration.codes import revoke_codes
from services.intake.registration.models import Petition
from services.intake.screening.models import Screening
from services.intake.screening.rules import Step, next_state
from services.intake.sealed_route.models import SealedMatter
from services.intake.sealed_route.rules import check_matter
from services.intake.transfers.commands import end_transfers
from shared import clock
from shared.contracts.intake import PetitionWithdrawnV1
from shared.county import County
from shared.db.numbers import next_numbers
from shared.db.outbox import record
from shared.errors import N_, OutOfOrder
from shared.identity.recusal import Exclusion
from shared.identity.roles import Viewer

SERIES = "JS"


def enter(session: Session, handed_over_on: date, handed_over_by: str, *, county: County) -> SealedMatter:
    """Enter a matter that was handed over unopened, with a number of its own. Raises Invalid."""
    today = clock.today()
    check_matter(handed_over_on, handed_over_by, {post.code for post in county.posts}, today)
    number = next_numbers(session, SERIES, today.year)[0]
    matter = SealedMatter(number=number, handed_over_on=handed_over_on, handed_over_by=handed_over_by)
    session.add(matter)
    session.flush()
    return matter


def seal_away(session: Session, petition: Petition, *, by: Viewer) -> SealedMatter:
    """Remove for good what is known of a petition that should never have been registered.

    检举控告工作规则 15: it may not be in the system. Its number, its dates and how it arrived remain;
    text, title, who is complained of, where, identities, query codes, notes, instructions, files, messages
    and requests go. Records `petition.withdrawn`, on which the other services drop what they hold. The file
    of the import that brought it goes too. Raises OutOfOrder while that import is running.
    """
    _remove_imports(session, petition)
    petition.state = next_state(petition.state, Step.SEAL_AWAY)
    _empty(petition)
    store.erase(session, petition.id, *Purpose)
    revoke_codes(session, petition.id)
    forget_progress(session, petition.id)
    forget_readings(session, petition.id)
    for forget in (forget_attachments, forget_messages, forget_requests):
        forget(session, petition.id)
    end_transfers(session, petition)
    session.execute(delete(Exclusion).where(Exclusion.petition_id == petition.id))
    _empty_decisions(session, petition)
    matter = SealedMatter(number=petition.number, handed_over_on=clock.today(), handed_over_by=by.post)
    session.add(matter)
    record(
        session,
        PetitionWithdrawnV1,
        subject=petition.id,
        petition_id=petition.id,
        number=petition.number,
        withdrawn_at=clock.now(),
    )
    session.flush()
    return matter


def _empty(petition: Petition) -> None:
    petition.title = petition.text = ""
    for name in ("township", "place", "content_class", "complained_of", "source_number"):
        setattr(petition, name, None)
    petition.category = petition.procedure = None
    petition.signature = "anonymous"
    petition.petitioner_count, petition.representative_count = 1, 0
    petition.superior_assigned = petition.unread = petition.publicity_consent = False
    petition.place_in_lists()


def _remove_imports(session: Session, petition: Petition) -> None:
    brought = select(ImportMark.import_id).where(ImportMark.petition_id == petition.id)
    for job in session.scalars(select(Import).where(Import.id.in_(brought))):
        if job.state == ImportState.RUNNING:
            raise OutOfOrder(
                N_("The file that this petition came with is still being imported. Wait until it is done.")
            )
        if job.state != ImportState.REMOVED:
            remove_import(session, job)


def _empty_decisions(session: Session, petition: Petition) -> None:
    session.execute(
        update(Screening)
        .where(Screening.petition_id == petition.id)
        .values(category=None, procedure=None, reason=None, to_agency=None, note=None)
    )
