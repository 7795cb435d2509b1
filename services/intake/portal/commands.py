"""Submitting a petition by the form, and the petitioner's rating of a round of handling."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake.attachments.commands import attach
from services.intake.attachments.models import PETITIONER
from services.intake.attachments.rules import Prepared
from services.intake.identities.vault import Vault
from services.intake.portal.models import Rating
from services.intake.portal.rules import SENT_AGAIN_WITHIN, check_rating
from services.intake.progress.models import Progress
from services.intake.registration.commands import Registered, issue_code_later, register
from services.intake.registration.models import Petition
from services.intake.registration.rules import NewPetition
from services.intake.screening.rules import State
from shared import clock
from shared.contracts.intake import PetitionRatedV1
from shared.county import County
from shared.db.outbox import record
from shared.errors import N_, OutOfOrder

BY = "portal"  # in place of a post


def submit(
    session: Session, new: NewPetition, files: Sequence[Prepared], *, sheet: str, county: County, vault: Vault
) -> Registered:
    """Register a petition of the form with its files. Sent again from the same sheet, nothing is done twice.

    sheet: a random text that only this form knows. Whose answer was lost on the way gets another code, and
    the first no longer opens anything. Raises Invalid naming the fields, OutOfOrder.
    """
    digest = vault.hashes(session).digest("portal-sheet", f"{sheet}\x00{new.text}")
    id_ = UUID(hex=digest[:32], version=4)
    done = register(session, replace(new, petition_id=id_), by=BY, county=county, vault=vault)
    if done.is_new:
        attach(session, done.petition, files, by=PETITIONER, vault=vault)
        return done
    late = clock.now() - done.petition.registered_at > SENT_AGAIN_WITHIN
    if late or done.petition.state == State.SEALED:
        raise OutOfOrder(
            N_("This was sent before, and its code was shown then. Write it anew if you lost it.")
        )
    return replace(done, code=issue_code_later(session, done.petition, vault, lost=True))


def rate(session: Session, petition: Petition, rating: str, round_: int) -> Rating:
    """Keep the rating of a round and record `petition.rated`. Raises OutOfOrder."""
    before = session.get(Rating, (petition.id, round_))
    check_rating(session.get(Progress, petition.id), round_, rated_before=before is not None)
    given = Rating(petition_id=petition.id, round=round_, rating=rating, rated_at=clock.now())
    session.add(given)
    session.flush()
    record(
        session,
        PetitionRatedV1,
        subject=petition.id,
        petition_id=petition.id,
        number=petition.number,
        rating=rating,
        round=round_,
        rated_at=given.rated_at,
    )
    return given
