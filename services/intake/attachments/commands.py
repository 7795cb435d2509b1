"""Taking files in: first they are judged, without a transaction waiting, and then kept."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import IO, Protocol
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from services.intake.attachments.models import Attachment, AttachmentContent
from services.intake.attachments.office import clean_office
from services.intake.attachments.pdf import clean_pdf
from services.intake.attachments.pictures import clean_copy
from services.intake.attachments.queries import purpose_of
from services.intake.attachments.rules import (
    EMPTY,
    LONGEST_NAME,
    NONE_CHOSEN,
    NOT_TAKEN,
    OFFICE,
    PICTURES,
    SOUND,
    TOO_LARGE,
    Kind,
    Prepared,
    Scan,
    check_count,
    kind_of,
)
from services.intake.identities.vault import Vault
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
    vault: Vault,
    message_id: UUID | None = None,
) -> list[Attachment]:
    """Keep files with a petition. `by`: a post, or models.PETITIONER.

    Raises OutOfOrder, Invalid, Unavailable.
    """
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
            scan=Scan.WAITING,
            added_at=clock.now(),
        )
        session.add(kept)
        session.flush()
        _keep(session, kept, file, vault)
        made.append(kept)
    return made


def forget(session: Session, petition_id: UUID) -> None:
    """Remove the files of a petition that is sealed away."""
    ids = select(Attachment.id).where(Attachment.petition_id == petition_id)
    session.execute(delete(AttachmentContent).where(AttachmentContent.attachment_id.in_(ids)))
    session.execute(delete(Attachment).where(Attachment.petition_id == petition_id))


def _keep(session: Session, kept: Attachment, file: Prepared, vault: Vault) -> None:
    for clean, data in ((False, file.data), (True, file.copy)):
        if data is not None:
            sealed = vault.seal(session, kept.petition_id, purpose_of(clean=clean), kept.id, data)
            session.add(AttachmentContent(attachment_id=kept.id, clean=clean, sealed=sealed))
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
    copy, copy_kind = _cleaned(data, kind, place)
    return Prepared(
        name=clean_line(upload.filename or "")[-LONGEST_NAME:],
        kind=kind,
        data=data,
        sha256=hashlib.sha256(data).hexdigest(),
        copy=copy,
        copy_kind=copy_kind,
    )


def _cleaned(data: bytes, kind: Kind, place: int) -> tuple[bytes | None, Kind | None]:
    """The copy that people work on: without what tells who made it and without what could do something."""
    if kind in PICTURES:
        return clean_copy(data, kind, place)
    if kind is Kind.PDF:
        return clean_pdf(data, place), kind
    if kind in OFFICE:
        return clean_office(data, place), kind
    return (None, None) if kind in SOUND else (data, kind)  # a plain text holds but its words
