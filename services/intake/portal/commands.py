"""The petitioner's rating of a round of handling."""

from sqlalchemy.orm import Session

from services.intake.portal.models import Rating
from services.intake.portal.rules import check_rating
from services.intake.progress.models import Progress
from services.intake.registration.models import Petition
from shared import clock
from shared.contracts.intake import PetitionRatedV1
from shared.db.outbox import record


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
