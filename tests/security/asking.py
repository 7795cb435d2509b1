"""Asks the routes of the checked-in table, with ids of objects that lie somewhere."""

from itertools import product
from pathlib import Path

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services import all_services
from shared.identity.roles import Role
from shared.web.access_table import EACH, Row, read_csv
from tests.security.bodies import ASKED, sent_to
from tests.security.objects import Objects

TABLE = Path(__file__).parents[2] / "deploy" / "access.csv"
SERVICES = [service.name for service in all_services()]
ORDER = {"GET": 0, "POST": 1, "PUT": 2, "DELETE": 3}  # what takes things away comes last


def listed(service: str) -> list[Row]:
    """The rows of the checked-in table that hold for a service."""
    rows = [row for name, row in read_csv(TABLE.read_text("utf-8")) if name in (EACH, service)]
    return sorted(rows, key=lambda row: ORDER[row.method])


def ask(client: FlaskClient, row: Row, ids: dict[str, str]) -> TestResponse:
    """Ask a route with ids in its address."""
    path = row.route
    for name, id_ in ids.items():
        path = path.replace(f"<uuid:{name}>", id_).replace(f"<{name}>", id_)
    path = path.replace("<path:name>", "index.css")
    return client.open(path + ASKED.get(row.route, ""), method=row.method, **sent_to(row.route, row.method))


def names_in(row: Row) -> list[str]:
    """The names of the ids in a route."""
    parts = [part for part in row.route.split("/") if part.startswith("<") and part != "<path:name>"]
    return [part.strip("<>").removeprefix("uuid:") for part in parts]


def ids_at(objects: Objects, service: str, row: Row, where: str, role: Role) -> list[dict[str, str]]:
    """The ids with which a route is asked; one empty set where it takes none."""
    names = names_in(row)
    columns = [objects.of(service, name, where, role) for name in names]
    return [dict(zip(names, values, strict=True)) for values in product(*columns)]
