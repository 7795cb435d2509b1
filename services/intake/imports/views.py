"""What API and pages do alike: take an upload, describe an import, send the refused rows back."""

from typing import Any

from flask import Response, request, send_file
from sqlalchemy import Select, inspect
from werkzeug.datastructures import FileStorage

from services.intake.imports import commands, queries
from services.intake.imports.models import Import, ImportFinding
from services.intake.imports.private import PrivateFolder
from shared.errors import N_, Invalid, TooLarge
from shared.web.access import current_viewer
from shared.web.downloads import note_given
from shared.web.errors import translate
from shared.web.paging import page
from shared.web.request import current_instance, current_session

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def take_upload(file: object) -> Import:
    """Keep the uploaded file. Raises Invalid or TooLarge where it cannot be read."""
    # It may have taken its time to arrive: no transaction waits for it, nor for its first reading.
    current_session().rollback()
    if not isinstance(file, FileStorage) or not file.filename:
        raise Invalid(N_("Choose the file with the petitions."), field="file")
    limit = current_instance().settings.max_upload_bytes
    with PrivateFolder() as folder:
        received = commands.receive(file.stream, file.filename, folder.path, limit)
        return commands.take_in(current_session(), received, by=current_viewer().post, max_bytes=limit)


def too_large() -> TooLarge:
    """The answer to a request that is larger than a file may be."""
    limit = current_instance().settings.max_upload_bytes // 2**20
    return TooLarge(commands.TOO_LARGE, field="file", limit=limit)


def described(job: Import) -> dict[str, Any]:
    """An import with what is not in its row."""
    before = queries.imported_before(current_session(), job)
    columns = [
        {
            "index": index,
            "label": queries.label_of(job, index),
            "examples": [row[index] for row in job.preview if index < len(row)],
        }
        for index in range(len(job.header))
    ]
    own = {column.key: getattr(job, column.key) for column in inspect(Import).column_attrs}
    return own | {
        "columns": columns,
        "not_imported": queries.labels_not_imported(job),
        "imported_before": before.done_at if before else None,
        "stopped_because": translate(job.message, job.params) if job.message else None,
    }


def findings_page(job: Import, arguments: dict[str, Any]) -> dict[str, Any]:
    """A page of the findings, their messages in the reader's language."""
    wanted: Select[ImportFinding] = queries.findings_of(job, arguments.get("severity"))
    found = page(current_session(), wanted, ImportFinding.key, arguments)
    found["items"] = [_finding(finding) for finding in found["items"]]
    return found


def refused_file(job: Import) -> Response:
    """The refused rows with their reasons, to be mended and sent again."""
    with PrivateFolder() as folder:
        path = folder.path / "report.xlsx"
        queries.write_refused(current_session(), job, path, translate)
        file = path.open("rb")  # still readable when the folder is gone
    name = f"refused-{job.created_at:%Y%m%d}-{str(job.id)[:8]}.xlsx"
    note_given("rows.given", job.id)
    return send_file(file, mimetype=XLSX, as_attachment=True, download_name=name)


def _finding(finding: ImportFinding) -> dict[str, Any]:
    return {
        "row": finding.row,
        "column": finding.column,
        "severity": finding.severity,
        "code": finding.code,
        "message": queries.reason(translate, finding.column, finding.message, finding.params),
    }


def uploaded() -> object:
    """The file of the form, if any."""
    return request.files.get("file")
