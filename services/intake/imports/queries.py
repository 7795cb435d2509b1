"""Reading imports: a clerk sees those of their own post."""

import shutil
from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from services.intake.imports.columns import column_label, not_imported
from services.intake.imports.commands import write_out
from services.intake.imports.models import Import, ImportFinding
from services.intake.imports.private import PrivateFolder
from services.intake.imports.report import write_report
from services.intake.imports.rules import State
from services.intake.imports.sheets import Row, Sheet, open_sheet
from shared.errors import N_, NotFound, OutOfOrder
from shared.identity.roles import Viewer
from shared.identity.scopes import IMPORTS, Reach

Translate = Callable[[str, dict[str, Any]], str]


def imports_for(viewer: Viewer) -> Select[Import]:
    """The imports that a viewer may see."""
    return select(Import).where(IMPORTS.where(viewer, {Reach.POST: lambda: Import.by == viewer.post}))


def import_for(session: Session, viewer: Viewer, import_id: UUID) -> Import:
    """One import. Raises NotFound alike where it does not exist and where it is another's."""
    found = session.scalar(imports_for(viewer).where(Import.id == import_id))
    if found is None:
        raise NotFound(N_("There is no such import, or it is not yours to see."))
    return found


def imported_before(session: Session, job: Import) -> Import | None:
    """The last earlier import, by whomever, that dealt with the very same file."""
    same = select(Import).where(Import.sha256 == job.sha256, Import.list_key < job.list_key)
    dealt_with = same.where(Import.done_at.is_not(None))
    return session.scalar(dealt_with.order_by(Import.list_key.desc()).limit(1))


def findings_of(job: Import, severity: str | None = None) -> Select[ImportFinding]:
    """What is to be told about the rows of an import."""
    found = select(ImportFinding).where(ImportFinding.import_id == job.id)
    return found.where(ImportFinding.severity == severity) if severity else found


def labels_not_imported(job: Import, mapping: dict[str, int] | None = None) -> list[str]:
    """The columns that stay out of an import."""
    return not_imported(job.header, job.mapping if mapping is None else mapping)


def label_of(job: Import, index: int) -> str:
    """A column as the clerk knows it."""
    return column_label(job.header, index)


def check_has_refused(job: Import) -> None:
    """Raises OutOfOrder or NotFound where there is no file of refused rows to be had."""
    if job.state in (State.MAPPING, State.RUNNING):
        raise OutOfOrder(N_("The refused rows are ready when the import is done. Wait for it."))
    if job.state == State.REMOVED:
        raise NotFound(N_("The file of this import was removed, and the refused rows with it."))
    if not job.refused:
        raise NotFound(N_("No row of this import was refused."))


def write_refused(session: Session, job: Import, path: Path, translate: Translate) -> int:
    """Write the refused rows with their reasons into an .xlsx, and say how many there are.

    They are read from the file again: a refused row is kept nowhere else. Raises as `check_has_refused`.
    """
    check_has_refused(job)
    with PrivateFolder() as folder:
        source, report = folder.path / "upload", folder.path / "refused.xlsx"
        write_out(session, job.id, source)
        with open_sheet(source, job.filename, max_bytes=job.size) as sheet:
            count = write_report(report, job.header, _refused_rows(session, job, sheet, translate))
        shutil.move(report, path)
    return count


def _refused_rows(
    session: Session, job: Import, sheet: Sheet, translate: Translate
) -> Iterator[tuple[Row, str]]:
    """The refused rows as they stand in the file, each with its reasons; as a stream."""
    errors = (
        select(ImportFinding.row, ImportFinding.column, ImportFinding.message, ImportFinding.params)
        .where(ImportFinding.import_id == job.id, ImportFinding.severity == "error")
        .order_by(ImportFinding.key)
        .execution_options(yield_per=500)
    )
    rows = sheet.rows()
    for number, group in groupby(session.execute(errors), key=itemgetter(0)):
        row = next((row for row in rows if row.number >= number), None)
        if row is None or row.number != number:
            return  # cannot be: it is the very file
        yield row, "\n".join(reason(translate, *finding[1:]) for finding in group)


def reason(translate: Translate, column: str, message: str, params: dict[str, Any]) -> str:
    """A finding as one sentence that names its column."""
    text = translate(message, params)
    return text if "column" in params or not column else f"{column}: {text}"
