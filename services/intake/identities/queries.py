"""Requests for a second person's agreement: whose they are to decide, and which one opens."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.orm import Session

from services.intake.first_reading.queries import reads_for_head
from services.intake.identities.models import OpeningRequest, PetitionKey
from services.intake.identities.rules import Asked, Purpose, is_good
from services.intake.registration.models import Petition
from services.intake.registration.queries import unsealed
from shared import clock
from shared.errors import N_, NotFound
from shared.identity.roles import Role, Viewer


def to_decide(session: Session, viewer: Viewer) -> Select[OpeningRequest]:
    """The requests that wait for a viewer's agreement; none that complains of the viewer's unit (M8)."""
    seen = unsealed(viewer).with_only_columns(Petition.id)
    return select(OpeningRequest).where(
        OpeningRequest.state == Asked.WAITING,
        OpeningRequest.asked_by != viewer.post,
        OpeningRequest.petition_id.in_(seen),
        _decides(session, viewer),
    )


def requests_for(session: Session, viewer: Viewer) -> Select[OpeningRequest]:
    """Those that wait for a viewer's agreement, and those that the viewer's post asked for."""
    seen = unsealed(viewer).with_only_columns(Petition.id)
    waiting = to_decide(session, viewer).with_only_columns(OpeningRequest.id)
    own = OpeningRequest.asked_by == viewer.post
    return select(OpeningRequest).where(
        OpeningRequest.petition_id.in_(seen), or_(own, OpeningRequest.id.in_(waiting))
    )


def request_for(session: Session, viewer: Viewer, request_id: UUID) -> OpeningRequest:
    """A request on a petition that a viewer may know of. Raises NotFound."""
    seen = unsealed(viewer).with_only_columns(Petition.id)
    found = session.scalar(
        select(OpeningRequest).where(OpeningRequest.id == request_id, OpeningRequest.petition_id.in_(seen))
    )
    if found is None:
        raise NotFound(N_("There is no such request, or it is not yours to see."))
    return found


def last_request(session: Session, petition_id: UUID, post: str) -> OpeningRequest | None:
    """What a post asked for last on a petition."""
    asked = select(OpeningRequest).where(
        OpeningRequest.petition_id == petition_id, OpeningRequest.asked_by == post
    )
    return session.scalar(asked.order_by(OpeningRequest.asked_at.desc()).limit(1))


def good_request(session: Session, petition_id: UUID, post: str) -> OpeningRequest | None:
    """The agreement on which a post may look now, once."""
    last = last_request(session, petition_id, post)
    return last if last and is_good(last.state, last.decided_at, clock.now()) else None


def waiting_on(session: Session, petition_id: UUID, viewer: Viewer) -> Sequence[OpeningRequest]:
    """The requests on a petition that wait for a viewer's agreement."""
    waiting = to_decide(session, viewer).where(OpeningRequest.petition_id == petition_id)
    return session.scalars(waiting.order_by(OpeningRequest.asked_at)).all()


def is_erased(session: Session, petition_id: UUID) -> bool:
    """Whether who brought a petition was erased."""
    kept = session.get(PetitionKey, (petition_id, Purpose.PERSON))
    return kept is not None and kept.wrapped is None


def _decides(session: Session, viewer: Viewer) -> ColumnElement[bool]:
    """rules.may_decide as a condition."""
    if viewer.role is Role.HEAD:
        return OpeningRequest.of_head.is_(False)
    if viewer.role is Role.SUPERVISOR:
        return OpeningRequest.of_head.is_(True)
    return true() if reads_for_head(session, viewer) else false()
