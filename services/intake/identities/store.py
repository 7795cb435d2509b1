"""The only door to the identities: seal, open for a reason, match by keyed hash, erase."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from services.intake.identities.models import Identity, IdentityAccess
from shared import clock
from shared.errors import N_, Forbidden, Invalid, NotFound
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

    @property
    def can_be_reached(self) -> bool:
        """Whether a name and a way to reach them are given."""
        return bool(self.name and (self.phone or self.address))


def keyed_hash(secret: str, purpose: str, value: str) -> str:
    """A hash that only this installation can compute; hex, 64 characters."""
    return hmac.new(secret.encode(), f"{purpose}\x00{value}".encode(), hashlib.sha256).hexdigest()


def seal(session: Session, petition_id: UUID, people: Sequence[Person], secret: str) -> None:
    """Keep the identities of a petition, with the hashes by which repeats are found (M2)."""
    for place, person in enumerate(people):
        session.add(_identity(petition_id, place, person, secret))


def _identity(petition_id: UUID, place: int, person: Person, secret: str) -> Identity:
    phone = re.sub(r"\D", "", person.phone or "")[-11:]
    id_number = re.sub(r"\s", "", person.id_number or "").upper()
    return Identity(
        petition_id=petition_id,
        place=place,
        name=person.name,
        phone=person.phone,
        id_number=person.id_number,
        address=person.address,
        phone_hash=keyed_hash(secret, "phone", phone) if phone else None,
        id_number_hash=keyed_hash(secret, "id-number", id_number) if id_number else None,
    )


def open_identity(session: Session, petition_id: UUID, viewer: Viewer, reason: str) -> list[Person]:
    """Who brought a petition; of a joint one all representatives. The look is on the access log.

    Raises Invalid without a reason, Forbidden for a role that may not, NotFound for an anonymous one.
    A refusal undoes this transaction: the caller logs it by `log_refusal` in another.
    """
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid(N_("Say in a few words why you need to know who it is."), field="reason")
    if viewer.role not in MAY_OPEN:
        raise Forbidden(N_("Your role does not open identities. Ask the clerk to pass on what you need."))
    _log(session, petition_id, viewer, reason, granted=True)
    kept = session.scalars(
        select(Identity).where(Identity.petition_id == petition_id).order_by(Identity.place)
    ).all()
    if not kept:
        raise NotFound(N_("No identity is kept for this petition."))
    return [Person(one.name, one.phone, one.id_number, one.address) for one in kept]


def log_refusal(session: Session, petition_id: UUID, viewer: Viewer, reason: str) -> None:
    """Put a refused look on the access log; in a transaction of its own, since the request fails."""
    _log(session, petition_id, viewer, reason or "-", granted=False)


def accesses(session: Session, petition_id: UUID) -> Sequence[IdentityAccess]:
    """Every look at the identity of a petition and every refusal, the oldest first."""
    logged = select(IdentityAccess).where(IdentityAccess.petition_id == petition_id)
    return session.scalars(logged.order_by(IdentityAccess.id)).all()


def erase(session: Session, petition_id: UUID) -> None:
    """Remove who brought a petition for good; that somebody looked stays on file, without the reason."""
    session.execute(delete(Identity).where(Identity.petition_id == petition_id))
    session.execute(
        update(IdentityAccess).where(IdentityAccess.petition_id == petition_id).values(reason="-")
    )


def _log(session: Session, petition_id: UUID, viewer: Viewer, reason: str, *, granted: bool) -> None:
    session.add(
        IdentityAccess(
            petition_id=petition_id, post=viewer.post, reason=reason[:300], granted=granted, at=clock.now()
        )
    )
