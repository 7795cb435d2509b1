"""Erases by itself who brought a petition, once nobody needs to know any more (IDENTITIES_KEPT_DAYS).

A setting of the county, by default 90 days after the last term of review has run out and not before the
visits after closing are over. Intake does not hear of follow-up that goes on longer: a county that agrees
on such with petitioners sets more days. What was transferred is left alone: the other agency has it.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from services.intake.identities import store
from services.intake.identities.models import PetitionKey
from services.intake.identities.rules import Act, Purpose
from services.intake.petitioner_requests.models import PetitionerRequest
from services.intake.petitioner_requests.rules import TERM
from services.intake.petitioner_requests.rules import State as RequestState
from services.intake.progress.models import Progress, ProgressClock, ProgressStep
from services.intake.registration.codes import revoke_codes
from services.intake.registration.models import Petition, QueryCode
from services.intake.screening.models import Screening
from services.intake.screening.rules import State
from shared import clock
from shared.runtime.service import Instance

PORTION = 50
BY = "timer"  # in place of a post
BY_RULE = "-"
FOLLOW_UP = timedelta(days=183)
"""The last visit after closing is after 6 months by default (M15)."""


def run(instance: Instance) -> bool:
    """Erase one portion of what is due; says whether more may wait."""
    days = instance.settings.identities_kept_days
    if not days:
        return False
    with instance.db.write() as session:
        due = find_due(session, clock.today() - timedelta(days=days))
        for petition_id in due:
            store.erase(session, petition_id)
            store.note(session, petition_id, BY, Act.ERASED, BY_RULE)
            revoke_codes(session, petition_id)
    return len(due) == PORTION


def find_due(session: Session, ended_by: date) -> Sequence[UUID]:
    """Petitions whose last term had run out by a day, with something left to erase; one portion."""
    person = exists().where(
        PetitionKey.petition_id == Petition.id,
        PetitionKey.purpose == Purpose.PERSON,
        PetitionKey.wrapped.is_not(None),
    )
    code = exists().where(QueryCode.petition_id == Petition.id)
    over = or_(_was_closed(ended_by), _was_declined(ended_by))
    found = select(Petition.id).where(over, or_(person, code), ~_is_asked_about(ended_by))
    return session.scalars(found.order_by(Petition.id).limit(PORTION)).all()


def _was_closed(ended_by: date) -> ColumnElement[bool]:
    """Its last round was closed and answered long enough ago, and nothing else is due on it."""
    last = select(func.max(ProgressStep.on)).where(
        ProgressStep.petition_id == Petition.id, ProgressStep.kind.in_(("closed", "replied"))
    )
    running = exists().where(
        ProgressClock.petition_id == Petition.id,
        ProgressClock.stopped_on.is_(None),
        ProgressClock.duty != "instruction",  # between offices; it may stay open when the matter is closed
    )
    answered = exists().where(
        Progress.petition_id == Petition.id,
        Progress.closed_round >= Progress.round,
        Progress.replied_round >= Progress.round,
    )
    in_time = last.scalar_subquery() <= ended_by - FOLLOW_UP
    return and_(Petition.state == State.ACCEPTED, answered, ~running, in_time)


def _was_declined(ended_by: date) -> ColumnElement[bool]:
    recent = exists().where(
        Screening.petition_id == Petition.id, Screening.at >= _begin(ended_by - timedelta(days=TERM))
    )
    return and_(Petition.state == State.DECLINED, ~recent)


def _is_asked_about(ended_by: date) -> ColumnElement[bool]:
    """The petitioner asked for something that is open, or was answered within the term to ask again."""
    answered = PetitionerRequest.answered_at >= _begin(ended_by - timedelta(days=TERM))
    return exists().where(
        PetitionerRequest.petition_id == Petition.id,
        or_(PetitionerRequest.state == RequestState.OPEN, answered),
    )


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, clock.COUNTY_ZONE)
