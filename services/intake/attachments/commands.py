"""Taking files in: first they are judged, without a transaction waiting, and then kept."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import IO, Protocol
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from services.intake.attachments.models import Attachment, AttachmentContent
from services.intake.attachments.pictures import clean_copy
from services.intake.attachments.rules import (
    EMPTY,
    LONGEST_NAME,
    NONE_CHOSEN,
    NOT_TAKEN,
    PICTURES,
    TOO_LARGE,
    Prepared,
    check_count,
    kind_of,
)
from services.intake.registration.models import Petition
from shared import clock
from shared.errors import Invalid
from shared.text import clean_line


class Upload(Protocol):
    """A file of a form."""

    filename: str | None

    @property
    def stream(self) -> IO[bytes]: ...


def prepare(uploads: Iterable[Upload], max_bytes: int, *, needed: bool = False) -> list[Prepared]:
    """Judge the files of a form and make the clean copies; a field left empty is none.

    max_bytes: of one file; needed: there must be one. Raises Invalid for `files`, which says the place of
    the file that is wrong.
    """
    chosen = [upload for upload in uploads if upload.filename]
    if needed and not chosen:
        raise Invalid(NONE_CHOSEN, field="files")
    check_count(len(chosen), 0)
    return [_prepared(upload, place, max_bytes) for place, upload in enumerate(chosen, 1)]


def attach(
    session: Session,
    petition: Petition,
    files: Sequence[Prepared],
    *,
    by: str,
    message_id: UUID | None = None,
) -> list[Attachment]:
    """Keep files with a petition. `by`: a post, or models.PETITIONER. Raises OutOfOrder, Invalid."""
    of_petition = select(func.count()).where(Attachment.petition_id == petition.id)
    before = session.scalar(of_petition) or 0
    check_count(len(files), before)
    made = []
    for place, file in enumerate(files, before + 1):
        kept = Attachment(
            id=uuid4(),
            petition_id=petition.id,
            place=place,
            message_id=message_id,
            by=by,
            name=file.name,
            kind=file.kind,
            size=len(file.data),
            sha256=file.sha256,
            copy_kind=file.copy_kind,
            added_at=clock.now(),
        )
        session.add(kept)
        session.flush()
        _keep(session, kept.id, file)
        made.append(kept)
    return made


def forget(session: Session, petition_id: UUID) -> None:
    """Remove the files of a petition that is sealed away."""
    ids = select(Attachment.id).where(Attachment.petition_id == petition_id)
    session.execute(delete(AttachmentContent).where(AttachmentContent.attachment_id.in_(ids)))
    session.execute(delete(Attachment).where(Attachment.petition_id == petition_id))


def _keep(session: Session, attachment_id: UUID, file: Prepared) -> None:
    session.add(AttachmentContent(attachment_id=attachment_id, clean=False, data=file.data))
    if file.copy is not None:
        session.add(AttachmentContent(attachment_id=attachment_id, clean=True, data=file.copy))
    session.flush()


def _prepared(upload: Upload, place: int, max_bytes: int) -> Prepared:
    data = upload.stream.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise Invalid(TOO_LARGE, field="files", place=place, limit=max_bytes // 2**20)
    if not data:
        raise Invalid(EMPTY, field="files", place=place)
    kind = kind_of(data)
    if kind is None:
        raise Invalid(NOT_TAKEN, field="files", place=place)
    copy, copy_kind = clean_copy(data, kind, place) if kind in PICTURES else (None, None)
    return Prepared(
        name=clean_line(upload.filename or "")[-LONGEST_NAME:],
        kind=kind,
        data=data,
        sha256=hashlib.sha256(data).hexdigest(),
        copy=copy,
        copy_kind=copy_kind,
    )
