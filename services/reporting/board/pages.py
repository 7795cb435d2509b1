"""The board, its sheets per township and leader, and the lists behind each count; each also as Excel."""

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Blueprint, Response, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import EXCLUDE, Schema, ValidationError

from services.reporting.board import export, queries, schemas, views, words
from services.reporting.board.api import due_first, page_of_petitions
from shared import clock
from shared.errors import NotFound, Problem
from shared.identity.roles import CASEWORK
from shared.identity.scopes import BOARD
from shared.web.access import access, current_viewer, within
from shared.web.downloads import note_given
from shared.web.errors import HTTP_TEXTS, invalid
from shared.web.names import county
from shared.web.request import current_instance, current_session
from shared.workbook import MIME

pages = Blueprint("board", __name__, url_prefix="/board")
COUNT_SHOWN = 1000  # of a list's petitions; beyond it says "more than"


@pages.get("")
@access(*CASEWORK)
@within(BOARD)
def show() -> ResponseReturnValue:
    filters, problem = _filters(schemas.BoardFilters)
    board = queries.board(current_session(), current_viewer(), filters)
    page = render_template(
        "reporting/wall.html" if "screen" in request.args else "reporting/board.html",
        title=_("Board"),
        problem=problem,
        **views.board_view(board, filters, request.args.get("map")),
    )
    return page, problem.status if problem else 200


@pages.get("/townships/<code>")
@access(*CASEWORK)
@within(BOARD)
def township(code: str) -> ResponseReturnValue:
    return _sheet("township", code, [each.code for each in county().townships])


@pages.get("/leaders/<code>")
@access(*CASEWORK)
@within(BOARD)
def leader(code: str) -> ResponseReturnValue:
    return _sheet("leader", code, [each.code for each in county().units_of("leader")])


@pages.get("/petitions")
@access(*CASEWORK)
@within(BOARD)
def petitions() -> ResponseReturnValue:
    arguments, problem = _filters(schemas.ListArguments)
    found = page_of_petitions(arguments)
    statement = queries.petitions_for(current_viewer(), arguments)
    page = render_template(
        "reporting/petitions.html",
        title=_("Petitions behind the board"),
        problem=problem,
        petitions=found["items"],
        next=found["next"],
        count=queries.count_up_to(current_session(), statement, COUNT_SHOWN + 1),
        count_shown=COUNT_SHOWN,
        **views.list_view(arguments),
    )
    return page, problem.status if problem else 200


@pages.get("/tables.xlsx")
@access(*CASEWORK)
@within(BOARD)
def tables_as_excel() -> ResponseReturnValue:
    filters = _checked(schemas.BoardFilters)
    board = queries.board(current_session(), current_viewer(), filters)
    return _workbook("board", lambda path: export.write_board(path, board, filters))


@pages.get("/petitions.xlsx")
@access(*CASEWORK)
@within(BOARD)
def petitions_as_excel() -> ResponseReturnValue:
    filters = _checked(schemas.ListFilters)
    session, viewer = current_session(), current_viewer()
    return _workbook("petitions", lambda path: export.write_petitions(path, session, viewer, filters))


def _sheet(group: str, code: str, known: list[str]) -> ResponseReturnValue:
    """The figures of one township or leader, and what is open there."""
    if code not in known:
        raise NotFound(HTTP_TEXTS[404])
    chosen = {group: code}
    board = queries.board(current_session(), current_viewer(), chosen)
    return render_template(
        "reporting/sheet.html",
        title=words.name_of(group, code),
        group=group,
        petitions=due_first(chosen),
        **views.board_view(board, chosen, None),
    )


def _workbook(name: str, write: Callable[[Path], None]) -> Response:
    """The workbook that `write` writes, sent bit by bit; its name says what it is and of which day."""
    with TemporaryDirectory(dir=current_instance().settings.data_dir) as folder:
        path = Path(folder) / "file.xlsx"
        write(path)
        note_given("table.given", name)
        size, file = path.stat().st_size, path.open("rb")  # outlives the folder
    answer = send_file(
        file, MIME, as_attachment=True, download_name=f"{name}-{clock.today()}.xlsx", max_age=None
    )
    answer.content_length = size
    return answer


def _checked(schema: type[Schema]) -> dict[str, Any]:
    """The filters of an address. Raises Invalid."""
    filters, problem = _filters(schema)
    if problem:
        raise problem
    return filters


def _filters(schema: type[Schema]) -> tuple[dict[str, Any], Problem | None]:
    """What of an address can be used as filters, and what is wrong with the rest."""
    given: Mapping[str, str] = {name: value for name, value in request.args.items() if value}
    try:
        return dict(schema().load(given, unknown=EXCLUDE)), None
    except ValidationError as error:
        usable = error.valid_data if isinstance(error.valid_data, dict) else {}
        defaults = schema().load({})
        return {**defaults, **usable}, invalid(error)
