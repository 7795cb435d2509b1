"""The only door to the identities: seal one, open one for a reason, match by keyed hash."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake.identities.models import Identity, IdentityAccess
from shared import clock
from shared.errors import Forbidden, Invalid, N_, NotFound
from shared.identity.roles import Role, Viewer

MAY_OPEN = frozenset({Role.CLERK, Role.HEAD, Role.LEADER})
SHORTEST_REASON = 4


@dataclass(frozen=True)
class Person:
    """A petitioner as they gave themselves: each part may be missing."""

    name: str | None = None
    phone: str | None = None
    id_number: str | None = None
    address: str | None = None

    def __bool__(self) -> bool:
        return any((self.name, self.phone, self.id_number, self.address))

    def __repr__(self) -> str:
        return "Person(sealed)"  # never in a log or a traceback


def keyed_hash(secret: str, purpose: str, value: str) -> str:
    """A hash that only this installation can compute; hex, 64 characters."""
    return hmac.new(secret.encode(), f"{purpose}\x00{value}".encode(), hashlib.sha256).hexdigest()


def seal(session: Session, petition_id: UUID, person: Person, secret: str) -> None:
    """Keep the identity of a petition, with the hashes by which repeats are found (M2)."""
    phone = re.sub(r"\D", "", person.phone or "")[-11:]
    id_number = re.sub(r"\s", "", person.id_number or "").upper()
    session.add(
        Identity(
            petition_id=petition_id,
            name=person.name,
            phone=person.phone,
            id_number=person.id_number,
            address=person.address,
            phone_hash=keyed_hash(secret, "phone", phone) if phone else None,
            id_number_hash=keyed_hash(secret, "id-number", id_number) if id_number else None,
        )
    )


def open_identity(session: Session, petition_id: UUID, viewer: Viewer, reason: str) -> Person:
    """Open an identity. The look is on the access log before the answer is given, a refusal too.

    Raises Invalid without a reason, Forbidden for a role that may not, NotFound for an anonymous one.
    The caller's transaction must be committed also when this raises Forbidden: see `log_refusal`.
    """
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid(N_("Say in a few words why you need to know who it is."), field="reason")
    if viewer.role not in MAY_OPEN:
        raise Forbidden(N_("Your role does not open identities. Ask the clerk to pass on what you need."))
    _log(session, petition_id, viewer, reason, granted=True)
    identity = session.get(Identity, petition_id)
    if identity is None:
        raise NotFound(N_("No identity is kept for this petition."))
    return Person(identity.name, identity.phone, identity.id_number, identity.address)


def log_refusal(session: Session, petition_id: UUID, viewer: Viewer, reason: str) -> None:
    """Put a refused look on the access log; in a transaction of its own, since the request fails."""
    _log(session, petition_id, viewer, reason or "-", granted=False)


def _log(session: Session, petition_id: UUID, viewer: Viewer, reason: str, *, granted: bool) -> None:
    session.add(
        IdentityAccess(
            petition_id=petition_id, post=viewer.post, reason=reason[:300], granted=granted, at=clock.now()
        )
    )
