"""Uploading a file, confirming what its columns hold, and removing it."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from itertools import islice
from pathlib import Path
from typing import IO
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from services.intake.imports.columns import check_mapping, suggest_mapping
from services.intake.imports.models import Import, ImportFinding, ImportPiece
from services.intake.imports.rules import DEFAULT_CHANNEL, KEPT, PIECE, Choices, State, check_defaults
from services.intake.imports.sheets import Row, Sheet, open_sheet
from shared import clock
from shared.errors import N_, Invalid, OutOfOrder, TooLarge
from shared.text import clean_line

TOO_LARGE = N_("This file has more than %(limit)s MB. Split it into several files.")
PREVIEW_ROWS = 5
PREVIEW_SIGNS = 80


@dataclass(frozen=True)
class Received:
    """A file as it arrived, in a folder of ours."""

    path: Path
    filename: str
    sha256: str
    size: int


def receive(stream: IO[bytes], filename: str, folder: Path, max_bytes: int) -> Received:
    """Write an upload into a folder, piece by piece. Raises TooLarge beyond `max_bytes`."""
    digest, size, path = hashlib.sha256(), 0, folder / "upload"
    with path.open("wb") as file:
        while piece := stream.read(PIECE):
            size += len(piece)
            if size > max_bytes:
                raise TooLarge(TOO_LARGE, field="file", limit=max_bytes // 2**20)
            digest.update(piece)
            file.write(piece)
    name = clean_line(re.split(r"[/\\]", filename)[-1])[-200:]
    return Received(path, name, digest.hexdigest(), size)


def take_in(session: Session, received: Received, *, by: str, max_bytes: int) -> Import:
    """Open a received file and keep it, with a proposal of what its columns hold. `by`: a post.

    Raises Invalid or TooLarge as `open_sheet` does; then nothing is kept.
    """
    with open_sheet(received.path, received.filename, max_bytes) as sheet:
        job = _new(received, sheet, list(islice(sheet.rows(), PREVIEW_ROWS)), by)
    earlier = last_confirmed(session, received.sha256)
    if earlier is not None:
        job.mapping = earlier.mapping
        job.channel, job.organ, job.received_on = earlier.channel, earlier.organ, earlier.received_on
        job.accept_as = earlier.accept_as
    session.add(job)
    session.flush()
    for place, piece in enumerate(_pieces(received.path)):
        session.execute(insert(ImportPiece).values(import_id=job.id, place=place, data=piece))
    return job


def last_confirmed(session: Session, sha256: str) -> Import | None:
    """The last import of the very same file that was begun, if any."""
    same = select(Import).where(
        Import.sha256 == sha256, Import.state.in_((State.RUNNING, State.DONE, State.STOPPED))
    )
    return session.scalar(same.order_by(Import.list_key.desc()).limit(1))


def confirm(job: Import, choices: Choices) -> None:
    """Begin the import with these choices. Raises Invalid naming the field, OutOfOrder when it has begun."""
    if job.state != State.MAPPING:
        raise OutOfOrder(N_("This import has begun already. Upload the file again to choose differently."))
    check_mapping(job.header, choices.mapping)
    check_defaults(choices, clock.today())
    job.mapping = dict(choices.mapping)
    job.channel, job.organ, job.received_on = choices.channel, choices.organ, choices.received_on
    job.accept_as = choices.accept_as
    job.state = State.RUNNING
    job.moved_at = None
    job.preview = []


def go_on(job: Import) -> None:
    """Let an import that stopped try again, from where it stopped. Raises OutOfOrder for any other."""
    if job.state != State.STOPPED:
        raise OutOfOrder(N_("Only an import that has stopped can go on."))
    job.state, job.done_at, job.failures = State.RUNNING, None, 0
    job.message, job.params = None, {}


def remove(session: Session, job: Import) -> None:
    """Remove the file and what was told about its rows; the petitions and the counts stay.

    One that is running ends where it is; of one that was never begun nothing is left.
    """
    session.refresh(job, with_for_update=True)  # a worker may move it on this very moment
    for kept in (ImportPiece, ImportFinding):
        session.execute(delete(kept).where(kept.import_id == job.id))
    if job.state == State.MAPPING:
        session.delete(job)
        return
    job.state, job.filename, job.preview = State.REMOVED, "", []
    job.header, job.other_sheets, job.message, job.params = [], [], None, {}


def remove_old(session: Session) -> int:
    """Remove the files whose term is over (rules.KEPT); says how many."""
    before = clock.now() - KEPT
    ended = select(Import).where(Import.state.not_in((State.REMOVED, State.RUNNING)))
    old = session.scalars(ended.where(Import.created_at < before)).all()
    due = [job for job in old if (job.done_at or job.created_at) < before]
    for job in due:
        remove(session, job)
    return len(due)


def write_out(session: Session, import_id: UUID, path: Path) -> None:
    """Write the file of an import to the disk, piece by piece."""
    places = session.scalars(
        select(ImportPiece.place).where(ImportPiece.import_id == import_id).order_by(ImportPiece.place)
    ).all()
    with path.open("wb") as file:
        for place in places:
            one = select(ImportPiece.data).where(
                ImportPiece.import_id == import_id, ImportPiece.place == place
            )
            file.write(session.scalars(one).one())


def _new(received: Received, sheet: Sheet, first: list[Row], by: str) -> Import:
    if not first:
        raise Invalid(
            N_("There is no row below the names of the columns. Choose the file with the petitions."),
            field="file",
        )
    id_, now = uuid4(), clock.now()
    return Import(
        id=id_,
        list_key=f"{now:%Y%m%d%H%M%S%f}-{id_}",
        by=by,
        state=State.MAPPING,
        filename=received.filename,
        sha256=received.sha256,
        size=received.size,
        created_at=now,
        header=sheet.header,
        header_row=sheet.header_row,
        claimed_rows=sheet.claimed_rows,
        other_sheets=[clean_line(name) for name in sheet.other_sheets],
        preview=[[_shown(cell.value) for cell in row.cells[: len(sheet.header)]] for row in first],
        mapping=suggest_mapping(sheet.header),
        channel=DEFAULT_CHANNEL,
        organ="commission",
        next_row=sheet.header_row,
    )


def _shown(value: object) -> str:
    if isinstance(value, datetime) and value.time() == time.min:
        value = value.date()
    text = "" if value is None else clean_line(str(value))
    return text if len(text) <= PREVIEW_SIGNS else f"{text[:PREVIEW_SIGNS]}…"


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
