"""Reading requests: each role those on its petitions; reports of retaliation only who is outside the chain.

To whom they go is a setting of the county (its supervisors, unless it says otherwise). Where all of these
are themselves complained of (M8), the head gets them.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import Session

from services.intake.petitioner_requests.models import PetitionerRequest
from services.intake.petitioner_requests.rules import Kind, State, possible
from services.intake.progress.models import Progress, ProgressStep
from services.intake.registration.models import Petition
from services.intake.registration.queries import petitions_for
from shared import clock
from shared.county import County
from shared.errors import N_, NotFound
from shared.identity.recusal import Exclusion
from shared.identity.roles import Role, Viewer


def requests_for(viewer: Viewer, county: County, filters: dict[str, Any]) -> Select[PetitionerRequest]:
    """The requests that a viewer may see, by state, kind and petition_id where given."""
    seen = petitions_for(viewer, {}).with_only_columns(Petition.id)
    statement = select(PetitionerRequest).where(
        PetitionerRequest.petition_id.in_(seen),
        or_(PetitionerRequest.kind != Kind.RETALIATION, _is_told_of_retaliation(viewer, county)),
    )
    for name in ("state", "kind", "petition_id"):
        if filters.get(name):
            statement = statement.where(getattr(PetitionerRequest, name) == filters[name])
    return statement


def request_for(session: Session, viewer: Viewer, county: County, request_id: UUID) -> PetitionerRequest:
    """One request. Raises NotFound alike where it does not exist and where it may not be seen."""
    statement = requests_for(viewer, county, {}).where(PetitionerRequest.id == request_id)
    found = session.scalar(statement)
    if found is None:
        raise NotFound(N_("There is no such request, or it is not yours to see."))
    return found


def open_count(session: Session, viewer: Viewer, county: County) -> int:
    """How many requests that a viewer may see wait for an answer."""
    waiting = requests_for(viewer, county, {"state": State.OPEN}).subquery()
    return session.scalar(select(func.count()).select_from(waiting)) or 0


def requests_on(session: Session, petition_id: UUID) -> Sequence[PetitionerRequest]:
    """All requests on a petition, the oldest first: only for who holds its code."""
    made = select(PetitionerRequest).where(PetitionerRequest.petition_id == petition_id)
    return session.scalars(made.order_by(PetitionerRequest.list_key)).all()


def open_on(session: Session, petition_id: UUID, kind: Kind) -> int:
    """How many requests of a kind are open on a petition."""
    waiting = select(func.count()).where(
        PetitionerRequest.petition_id == petition_id,
        PetitionerRequest.kind == kind,
        PetitionerRequest.state == State.OPEN,
    )
    return session.scalar(waiting) or 0


def replied_on(session: Session, progress: Progress | None) -> date | None:
    """The day of the reply to the last round, if it was given."""
    if progress is None or progress.replied_round < progress.round:
        return None
    replies = select(func.max(ProgressStep.on)).where(
        ProgressStep.petition_id == progress.petition_id, ProgressStep.kind == "replied"
    )
    return session.scalar(replies)


def possible_now(session: Session, petition: Petition) -> set[Kind]:
    """What may be asked for now on a petition, leaving aside what is asked for already."""
    progress = session.get(Progress, petition.id)
    return possible(
        procedure=petition.procedure,
        replied_on=replied_on(session, progress),
        is_closed=progress is not None and progress.closed_round >= progress.round,
        consents=petition.publicity_consent,
        today=clock.today(),
    )


def _is_told_of_retaliation(viewer: Viewer, county: County) -> ColumnElement[bool]:
    posts = county.retaliation_posts
    if viewer.post in {post.code for post in posts}:
        return true()
    if viewer.role is not Role.HEAD:
        return false()
    recused = (
        exists().where(Exclusion.petition_id == PetitionerRequest.petition_id, Exclusion.unit == unit)
        for unit in sorted({post.unit for post in posts})
    )
    return and_(*recused)
