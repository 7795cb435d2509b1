"""Reading the files of a petition: their list, and the one that is to be given out."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.attachments.models import Attachment, AttachmentContent
from services.intake.attachments.rules import GONE, MEDIA_TYPES, Kind, check_scan, given_name
from services.intake.identities.rules import Purpose
from services.intake.identities.vault import Vault
from services.intake.registration.models import Petition
from shared.errors import N_, NotFound


def attachments_on(session: Session, petition_id: UUID) -> Sequence[Attachment]:
    """The files of a petition in their order."""
    kept = select(Attachment).where(Attachment.petition_id == petition_id)
    return session.scalars(kept.order_by(Attachment.place)).all()


def attachment_of(session: Session, petition_id: UUID, attachment_id: UUID) -> Attachment:
    """One file of a petition. Raises NotFound."""
    found = session.get(Attachment, attachment_id)
    if found is None or found.petition_id != petition_id:
        raise NotFound(N_("This petition has no such file. Look it up in the list of its files."))
    return found


def to_give_out(session: Session, found: Attachment, vault: Vault, *, has_scanner: bool) -> dict[str, Any]:
    """What people get of a file: the cleaned copy where there is one. Keys as of shared.web.downloads.

    Raises OutOfOrder where it may not be given out, NotFound once it was erased, Unavailable.
    """
    check_scan(found.scan, has_scanner=has_scanner)
    data = content_of(session, found, vault, clean=found.copy_kind is not None)
    if data is None:
        raise NotFound(GONE)
    kind = Kind(found.copy_kind or found.kind)
    number = session.get_one(Petition, found.petition_id).number
    return {
        "data": data,
        "mimetype": MEDIA_TYPES[kind],
        "plain_name": given_name(number, found.place, kind),
    }


def content_of(session: Session, found: Attachment, vault: Vault, *, clean: bool) -> bytes | None:
    """The original of a file, or its cleaned copy; None once its key was destroyed. Raises Unavailable."""
    sealed = session.get_one(AttachmentContent, (found.id, clean)).sealed
    return vault.unseal(session, found.petition_id, purpose_of(clean=clean), found.id, sealed)


def purpose_of(*, clean: bool) -> Purpose:
    """Whose key seals it: an original may tell who made it and goes when the identity goes."""
    return Purpose.FILES if clean else Purpose.PERSON
