"""The monthly bulletin over HTTP: issue, list, read, and the Word file as it was issued."""

import json
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from services.reporting.bulletin import commands, queries, schemas
from services.reporting.bulletin.models import Bulletin
from shared.county import load_county
from shared.documents.package import MIME
from shared.identity.roles import CASEWORK, Role
from shared.web.access import access, current_viewer
from shared.web.downloads import download, note_given
from shared.web.paging import PageArguments, page
from shared.web.request import current_instance, current_session

api = Blueprint("bulletins_api", __name__, url_prefix="/api/bulletins", description="M22 Monthly bulletin")

ISSUERS = (Role.CLERK, Role.SUPERVISOR)


@api.post("")
@api.arguments(schemas.BulletinIn)
@api.response(201, schemas.BulletinOut)
@access(*ISSUERS)
def issue(body: dict[str, str]) -> dict[str, Any]:
    """Issue the bulletin of a month that is over: numbered, and frozen with its Word file."""
    return shown(issued(body["month"]))


@api.get("")
@api.arguments(PageArguments, location="query")
@api.response(200, schemas.BulletinPage)
@access(*CASEWORK)
def listing(arguments: dict[str, Any]) -> dict[str, Any]:
    """The issued bulletins, newest month first."""
    return page(current_session(), queries.bulletins(), Bulletin.month, arguments, newest_first=True)


@api.get("/<uuid:bulletin_id>")
@api.response(200, schemas.BulletinOut)
@access(*CASEWORK)
def read(bulletin_id: UUID) -> dict[str, Any]:
    """One bulletin with what it says."""
    return shown(queries.bulletin(current_session(), bulletin_id))


@api.get("/<uuid:bulletin_id>/file")
@api.response(200, content_type=MIME)
@access(*CASEWORK)
def file(bulletin_id: UUID) -> Response:
    """The Word file, byte for byte as it was issued."""
    return word_file(bulletin_id)


def issued(month: str) -> Bulletin:
    """Issue a month's bulletin as whoever is signed in."""
    county = load_county(current_instance().settings.county_dir)
    return commands.issue(current_session(), month, county=county, by=current_viewer().post)


def shown(bulletin: Bulletin) -> dict[str, Any]:
    """A bulletin with what it says."""
    row = {name: getattr(bulletin, name) for name in schemas.BulletinRow._declared_fields}
    return row | {"contents": json.loads(bulletin.contents)}


def word_file(bulletin_id: UUID) -> Response:
    """The Word file as a download, named by its number."""
    found = queries.bulletin(current_session(), bulletin_id, with_file=True)
    note_given("document.given", found.number)
    return download(
        found.file,
        MIME,
        plain_name=f"bulletin-{found.year}-{found.serial}.docx",
        name=f"{found.number}.docx",
    )
