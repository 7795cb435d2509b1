"""Opening an identity, asking a second person for agreement, deciding on it, and erasing."""

from uuid import uuid4

from sqlalchemy.orm import Session

from services.intake.first_reading.queries import reads_for_head
from services.intake.identities import store
from services.intake.identities.models import OpeningRequest
from services.intake.identities.queries import good_request, is_erased, last_request
from services.intake.identities.rules import (
    ASKED_BEFORE,
    LONGEST_REASON,
    NOT_NEEDED,
    SECOND_PERSON,
    Act,
    Asked,
    Person,
    check_decider,
    check_opener,
    check_reason,
    needs_agreement,
)
from services.intake.identities.vault import Vault
from services.intake.registration.models import Petition
from shared import clock
from shared.errors import NotFound, OutOfOrder
from shared.identity.roles import Role, Viewer


def open_identity(
    session: Session, petition: Petition, viewer: Viewer, reason: str, vault: Vault
) -> list[Person]:
    """Who brought a petition that the viewer may see, for a reason; of an accusation once for each agreement.

    Raises Invalid without a reason, Forbidden for a role that may not, OutOfOrder without agreement,
    NotFound where nothing is kept. A refusal undoes this transaction: the caller logs it in another.
    """
    check_opener(viewer, reason)
    if needs_agreement(petition.category, petition.complained_of):
        agreed = good_request(session, petition.id, viewer.post)
        if agreed is None:
            raise OutOfOrder(SECOND_PERSON)
        agreed.state, agreed.used_at = Asked.USED, clock.now()
        reason = agreed.reason
    return store.look(session, petition.id, viewer, reason, vault)


def ask(session: Session, petition: Petition, viewer: Viewer, reason: str) -> OpeningRequest:
    """Ask a second person to agree that a viewer opens an identity. Raises Invalid, Forbidden, OutOfOrder."""
    check_opener(viewer, reason)
    if not needs_agreement(petition.category, petition.complained_of):
        raise OutOfOrder(NOT_NEEDED)
    last = last_request(session, petition.id, viewer.post)
    if (last and last.state == Asked.WAITING) or good_request(session, petition.id, viewer.post):
        raise OutOfOrder(ASKED_BEFORE)
    made = OpeningRequest(
        id=uuid4(),
        petition_id=petition.id,
        asked_by=viewer.post,
        of_head=viewer.role is Role.HEAD,
        reason=reason[:LONGEST_REASON],
        asked_at=clock.now(),
        state=Asked.WAITING,
    )
    session.add(made)
    store.note(session, petition.id, viewer.post, Act.ASKED, reason)
    session.flush()
    return made


def decide(session: Session, asked: OpeningRequest, viewer: Viewer, *, agreed: bool) -> None:
    """Agree, or refuse. Raises Forbidden for who may not, OutOfOrder where it was decided."""
    stands_in = viewer.role is not Role.HEAD and reads_for_head(session, viewer)
    check_decider(asked.asked_by, asked.of_head, asked.state, viewer, stands_in=stands_in)
    asked.state = Asked.AGREED if agreed else Asked.DENIED
    asked.decided_by, asked.decided_at = viewer.post, clock.now()
    act = Act.AGREED if agreed else Act.DENIED
    store.note(session, asked.petition_id, viewer.post, act, asked.reason)
    session.flush()


def erase(session: Session, petition: Petition, viewer: Viewer, reason: str) -> None:
    """Erase who brought a petition, on a request that was approved. Raises Invalid, NotFound.

    Its files stay readable as cleaned copies; the originals, sound and video go with the identity.
    """
    check_reason(reason)
    if is_erased(session, petition.id) or not store.has_key(session, petition.id):
        raise NotFound(store.NOTHING_KEPT)
    store.erase(session, petition.id)
    store.note(session, petition.id, viewer.post, Act.ERASED, reason)
