"""Supervision letters over HTTP: what is late with whom, draft, change, issue, answer, and the Word file."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from services.supervision.clocks.models import Clock
from services.supervision.clocks.rules import READERS
from services.supervision.clocks.schemas import ClockRow
from services.supervision.letters import commands, queries, schemas
from services.supervision.letters.models import Letter
from shared.county import County, load_county
from shared.documents.package import MIME
from shared.identity.roles import Role
from shared.identity.scopes import LETTERS
from shared.web.access import access, current_viewer, within
from shared.web.downloads import download, note_given
from shared.web.paging import page
from shared.web.request import current_instance, current_session
from shared.web.versions import StepSchema

api = Blueprint("letters_api", __name__, url_prefix="/api/letters", description="M18 Supervision letters")


@api.get("")
@api.arguments(schemas.LetterArguments, location="query")
@api.response(200, schemas.LetterPage)
@access(*READERS)
@within(LETTERS)
def listing(arguments: dict[str, Any]) -> dict[str, Any]:
    """The letters that you may see, newest first; a unit sees those that were issued to it."""
    statement = queries.letters_for(current_viewer(), arguments)
    return page(current_session(), statement, Letter.list_key, arguments, newest_first=True)


@api.get("/late-units")
@api.response(200, schemas.LateUnit(many=True))
@access(Role.SUPERVISOR)
@within(LETTERS)
def late_units() -> Sequence[dict[str, Any]]:
    """The units with which something is late."""
    return queries.late_units(current_session(), current_viewer())


@api.get("/late-matters")
@api.arguments(schemas.LateArguments, location="query")
@api.response(200, ClockRow(many=True))
@access(Role.SUPERVISOR)
@within(LETTERS)
def late_matters(arguments: dict[str, str]) -> Sequence[Clock]:
    """What is late with a unit and may stand in a letter to it, the longest overdue first."""
    return queries.late_with(current_session(), current_viewer(), arguments["unit"])


@api.post("")
@api.arguments(schemas.LetterIn)
@api.response(201, schemas.LetterOut)
@access(Role.SUPERVISOR)
@within(LETTERS)
def draft(body: dict[str, Any]) -> Letter:
    """Draft a letter to a unit about what is late with it."""
    return commands.draft(current_session(), county=county_here(), by=current_viewer(), **body)


@api.get("/<uuid:letter_id>")
@api.response(200, schemas.LetterOut)
@access(*READERS)
@within(LETTERS)
def read(letter_id: UUID) -> Letter:
    """One letter with what it lists."""
    return queries.letter_for(current_session(), current_viewer(), letter_id)


@api.put("/<uuid:letter_id>")
@api.arguments(schemas.LetterChange)
@api.response(200, schemas.LetterOut)
@access(Role.SUPERVISOR)
@within(LETTERS)
def change(body: dict[str, Any], letter_id: UUID) -> Letter:
    """Write a draft anew."""
    return commands.change(current_session(), letter_id, by=current_viewer(), **body)


@api.post("/<uuid:letter_id>/discard")
@api.arguments(StepSchema)
@api.response(204)
@access(Role.SUPERVISOR)
@within(LETTERS)
def discard(body: dict[str, Any], letter_id: UUID) -> None:
    """Throw a draft away."""
    commands.discard(current_session(), letter_id, by=current_viewer(), **body)


@api.post("/<uuid:letter_id>/issue")
@api.arguments(StepSchema)
@api.response(200, schemas.LetterOut)
@access(Role.SUPERVISOR)
@within(LETTERS)
def issue(body: dict[str, Any], letter_id: UUID) -> Letter:
    """Issue a draft: numbered, and frozen with its Word file."""
    return commands.issue(current_session(), letter_id, county=county_here(), by=current_viewer(), **body)


@api.post("/<uuid:letter_id>/reply")
@api.arguments(schemas.ReplyIn)
@api.response(200, schemas.LetterOut)
@access(Role.SUPERVISOR)
@within(LETTERS)
def reply(body: dict[str, Any], letter_id: UUID) -> Letter:
    """Note the answer of the unit."""
    return commands.note_reply(current_session(), letter_id, by=current_viewer(), **body)


@api.get("/<uuid:letter_id>/file")
@api.response(200, content_type=MIME)
@access(*READERS)
@within(LETTERS)
def file(letter_id: UUID) -> Response:
    """The Word file of an issued letter, byte for byte."""
    return word_file(letter_id)


def county_here() -> County:
    """The county of this installation."""
    return load_county(current_instance().settings.county_dir)


def word_file(letter_id: UUID) -> Response:
    """The Word file as a download, named by its number."""
    found = queries.letter_for(current_session(), current_viewer(), letter_id, with_file=True)
    assert found.file is not None
    note_given("document.given", found.number)
    return download(
        found.file,
        MIME,
        plain_name=f"supervision-letter-{found.year}-{found.serial}.docx",
        name=f"{found.number}.docx",
    )
