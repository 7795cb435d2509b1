"""Bulk import over HTTP: upload a file, confirm its columns, follow it, fetch what was refused."""

from typing import Any
from uuid import UUID

from flask import Response
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint
from werkzeug.exceptions import RequestEntityTooLarge

from services.intake.imports import commands, queries, schemas, views
from services.intake.imports.models import Import
from shared.identity.roles import Role
from shared.identity.scopes import IMPORTS
from shared.web.access import access, current_viewer, takes_upload, within
from shared.web.errors import answer
from shared.web.paging import PageArguments, page
from shared.web.request import current_session
from shared.web.versions import check_version

api = Blueprint("imports_api", __name__, url_prefix="/api/imports", description="M1 Bulk import")


@api.errorhandler(413)
def on_too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    return answer(views.too_large())


@api.post("")
@api.arguments(schemas.UploadIn, location="files")
@api.response(201, schemas.ImportOut)
@takes_upload
@access(Role.CLERK)
@within(IMPORTS)
def upload(form: dict[str, Any]) -> dict[str, Any]:
    """Upload a spreadsheet (.xlsx or .csv); the answer proposes which column is what."""
    return views.described(views.take_upload(form["file"]))


@api.get("")
@api.arguments(PageArguments, location="query")
@api.response(200, schemas.ImportPage)
@access(Role.CLERK)
@within(IMPORTS)
def listing(arguments: dict[str, Any]) -> dict[str, Any]:
    """The imports of your post, newest first."""
    mine = queries.imports_for(current_viewer())
    return page(current_session(), mine, Import.list_key, arguments, newest_first=True)


@api.get("/<uuid:import_id>")
@api.response(200, schemas.ImportOut)
@access(Role.CLERK)
@within(IMPORTS)
def read(import_id: UUID) -> dict[str, Any]:
    """How far an import is and what became of the rows."""
    return views.described(_mine(import_id))


@api.put("/<uuid:import_id>/mapping")
@api.arguments(schemas.MappingIn)
@api.response(200, schemas.ImportOut)
@access(Role.CLERK)
@within(IMPORTS)
def mapping(body: dict[str, Any], import_id: UUID) -> dict[str, Any]:
    """Confirm which column is what: the import begins."""
    job = _mine(import_id)
    check_version(job, body["version"])
    commands.confirm(job, body["choices"])
    current_session().flush()
    return views.described(job)


@api.post("/<uuid:import_id>/go-on")
@api.response(200, schemas.ImportOut)
@access(Role.CLERK)
@within(IMPORTS)
def go_on(import_id: UUID) -> dict[str, Any]:
    """Let an import that stopped try again, from where it stopped."""
    job = _mine(import_id)
    commands.go_on(job)
    current_session().flush()
    return views.described(job)


@api.delete("/<uuid:import_id>")
@api.response(204)
@access(Role.CLERK)
@within(IMPORTS)
def remove(import_id: UUID) -> None:
    """Remove the file and its findings; the petitions that were registered stay."""
    commands.remove(current_session(), _mine(import_id))


@api.get("/<uuid:import_id>/problems")
@api.arguments(schemas.FindingArguments, location="query")
@api.response(200, schemas.FindingPage)
@access(Role.CLERK)
@within(IMPORTS)
def problems(arguments: dict[str, Any], import_id: UUID) -> dict[str, Any]:
    """What is to be told about the rows, in their order."""
    return views.findings_page(_mine(import_id), arguments)


@api.get("/<uuid:import_id>/refused.xlsx")
@api.response(200, {"type": "string", "format": "binary"}, content_type=views.XLSX)
@access(Role.CLERK)
@within(IMPORTS)
def refused(import_id: UUID) -> Response:
    """The refused rows with their reasons, to be mended and uploaded again."""
    return views.refused_file(_mine(import_id))


def _mine(import_id: UUID) -> Import:
    return queries.import_for(current_session(), current_viewer(), import_id)
