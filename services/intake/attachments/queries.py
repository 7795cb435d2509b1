"""Reading the files of a petition: their list, and the one that is to be given out."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.attachments.models import Attachment, AttachmentContent
from services.intake.attachments.rules import MEDIA_TYPES, Kind, given_name
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


def to_give_out(session: Session, found: Attachment) -> dict[str, Any]:
    """What people get of a file: of a picture the clean copy. Keys as of shared.web.downloads."""
    kind = Kind(found.copy_kind or found.kind)
    content = session.get_one(AttachmentContent, (found.id, found.copy_kind is not None))
    number = session.get_one(Petition, found.petition_id).number
    return {
        "data": content.data,
        "mimetype": MEDIA_TYPES[kind],
        "plain_name": given_name(number, found.place, kind),
    }
