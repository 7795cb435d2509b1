"""The only door to the identities: seal, open for a reason, erase. Each look is on the access log."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from services.intake.identities.models import Identity, IdentityAccess, OpeningRequest, PetitionKey
from services.intake.identities.rules import LONGEST_REASON, Act, Person, Purpose
from services.intake.identities.vault import Hashes, Vault, destroy
from shared import clock
from shared.errors import N_, NotFound
from shared.identity.roles import Viewer
from shared.ledger.gather import note as ledger_note

NOTHING_KEPT = N_("No identity is kept for this petition.")


def seal(session: Session, petition_id: UUID, people: Sequence[Person], vault: Vault) -> None:
    """Keep the identities of a new petition, with the hashes by which repeats are found (M2)."""
    if not people:
        return
    texts = {place: json.dumps(asdict(person)).encode() for place, person in enumerate(people)}
    sealed = vault.seal_first(session, petition_id, Purpose.PERSON, texts)
    hashes = vault.hashes(session)
    for place, person in enumerate(people):
        session.add(
            Identity(petition_id=petition_id, place=place, sealed=sealed[place], **_hashed(person, hashes))
        )


def _hashed(person: Person, hashes: Hashes) -> dict[str, str | None]:
    phone = re.sub(r"\D", "", person.phone or "")[-11:]
    id_number = re.sub(r"\s", "", person.id_number or "").upper()
    return {
        "phone_hash": hashes.digest("phone", phone) if phone else None,
        "id_number_hash": hashes.digest("id-number", id_number) if id_number else None,
    }


def look(session: Session, petition_id: UUID, viewer: Viewer, reason: str, vault: Vault) -> list[Person]:
    """Who brought a petition; of a joint one all representatives. The look is on the access log.

    The caller has checked who looks. Raises NotFound for an anonymous or an erased one, Unavailable.
    """
    kept = session.scalars(
        select(Identity).where(Identity.petition_id == petition_id).order_by(Identity.place)
    ).all()
    opened = [vault.unseal(session, petition_id, Purpose.PERSON, one.place, one.sealed) for one in kept]
    people = [Person(**json.loads(text)) for text in opened if text is not None]
    if not people:
        raise NotFound(NOTHING_KEPT)
    note(session, petition_id, viewer.post, Act.SEEN, reason)
    return people


def note(session: Session, petition_id: UUID, post: str, act: Act, reason: str) -> None:
    """Put something on the access log, and on the ledger."""
    ledger_note(session, f"identity.{act}", petition_id)
    session.add(
        IdentityAccess(
            petition_id=petition_id, post=post, act=act, reason=reason[:LONGEST_REASON] or "-", at=clock.now()
        )
    )


def has_key(session: Session, petition_id: UUID) -> bool:
    """Whether anything was ever sealed that tells who brought a petition."""
    return session.get(PetitionKey, (petition_id, Purpose.PERSON)) is not None


def accesses(session: Session, petition_id: UUID) -> Sequence[IdentityAccess]:
    """The access log of a petition, the oldest first."""
    logged = select(IdentityAccess).where(IdentityAccess.petition_id == petition_id)
    return session.scalars(logged.order_by(IdentityAccess.id)).all()


def erase(session: Session, petition_id: UUID, *purposes: Purpose) -> None:
    """Destroy the keys of a petition and remove who brought it, for good. By default its files stay readable.

    That somebody looked stays on file, without the reason, which may name who it was.
    """
    destroy(session, petition_id, *(purposes or (Purpose.PERSON,)))
    session.execute(delete(Identity).where(Identity.petition_id == petition_id))
    for log in (IdentityAccess, OpeningRequest):
        session.execute(update(log).where(log.petition_id == petition_id).values(reason="-"))
