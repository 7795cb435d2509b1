"""The board over HTTP, and the petitions behind its counts."""

from typing import Any

from flask_smorest import Blueprint

from services.reporting.board import queries, rules, schemas
from services.reporting.board.models import BoardPetition
from shared import clock
from shared.identity.roles import CASEWORK
from shared.identity.scopes import BOARD
from shared.web.access import access, current_viewer, within
from shared.web.paging import page
from shared.web.request import current_session

api = Blueprint("board_api", __name__, url_prefix="/api/board", description="M26 The board")


@api.get("")
@api.arguments(schemas.BoardFilters, location="query")
@api.response(200, schemas.BoardOut)
@access(*CASEWORK)
@within(BOARD)
def show(filters: dict[str, Any]) -> dict[str, Any]:
    """How the petitions stand that you may see, by township, leader, content class and month."""
    return queries.board(current_session(), current_viewer(), filters)


@api.get("/petitions")
@api.arguments(schemas.ListArguments, location="query")
@api.response(200, schemas.BoardPage)
@access(*CASEWORK)
@within(BOARD)
def petitions(arguments: dict[str, Any]) -> dict[str, Any]:
    """The petitions behind the counts, newest number first."""
    return page_of_petitions(arguments)


def page_of_petitions(arguments: dict[str, Any]) -> dict[str, Any]:
    """One page of what the viewer may see."""
    statement = queries.petitions_for(current_viewer(), arguments)
    found = page(current_session(), statement, BoardPetition.list_key, arguments, newest_first=True)
    return found | {"items": [_row(petition) for petition in found["items"]]}


def due_first(filters: dict[str, Any], limit: int = 10) -> list[dict[str, Any]]:
    """Some open petitions, the one with the earliest last day first."""
    statement = queries.petitions_for(current_viewer(), {**filters, "measure": "open"})
    ordered = statement.order_by(
        BoardPetition.due_on.is_(None), BoardPetition.due_on, BoardPetition.list_key
    ).limit(limit)
    return [_row(petition) for petition in current_session().scalars(ordered)]


def _row(petition: BoardPetition) -> dict[str, Any]:
    names = [name for name in schemas.BoardRow._declared_fields if name not in ("light", "round")]
    opened = petition.opened_on is not None or petition.closed_round > 0
    return {name: getattr(petition, name) for name in names} | {
        "light": rules.light(petition.due_on, clock.today()),
        "round": max(petition.reopened_round, petition.closed_round, int(opened)),
    }
