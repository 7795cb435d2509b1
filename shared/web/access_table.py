"""The route × role table that a security officer reads (deploy/access.csv), made from what the code declares.

Nothing in it is written by hand but why an open door is open; tests/security asks every route as every role
and compares. `huajie access` prints it.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import Flask

from shared.errors import SettingError
from shared.identity.roles import Role
from shared.identity.scopes import NOTHING, Scope
from shared.web.access import PEERS, PUBLIC, SERVICES_OWN
from shared.web.request import current_instance

REFUSED, OPEN, NONE = "-", "yes", "none"
ANONYMOUS, PEER = "anonymous", "peer"
WHO = (ANONYMOUS, *(role.value for role in Role), PEER)
HEAD = ("service", "method", "route", *WHO, "about", "explanation")
EACH = "each"  # the same at all five services
# Doors that stand open, by how their address begins, and why.
WHY_OPEN = {
    "/static": "files of the pages, the same for everybody",
    "/health": "whether the process works, for the container's host; no word on any matter",
    "/api/openapi.json": "how the API is used; the same for everybody",
    "/api/assets": "files of the API's page, the same for everybody",
    "/api/portal": "petitioners have no account: the query code in the body gives the right",
    "/api/tokens": "sign-in itself",
    "/portal": "petitioners have no account: the query code gives the right, for one visit",
    "/sign-": "sign-in itself",
    "/oidc": "sign-in itself, on the way back from the county's identity provider",
    "/language": "a choice of the browser's own",
    "/theme": "a choice of the browser's own",
    "/metrics": "for the county's own monitoring, with its token; without it the address does not exist",
}
WHY_OPEN_EXACTLY = {
    "/": "leads to the desk, or to sign-in who is not signed in",
    "/api/": "how the API is used; the same for everybody",
}


@dataclass(frozen=True)
class Row:
    """One route with what each kind of caller gets: `-` refused, `yes`, or how far its role reaches."""

    method: str
    route: str  # as Flask writes it
    cells: tuple[str, ...]  # in the order of WHO
    about: str
    explanation: str

    def cell(self, who: str) -> str:
        """What a role, `anonymous` or `peer` gets."""
        return self.cells[WHO.index(who)]


def rows_of(app: Flask) -> Iterator[Row]:
    """The rows of one service's application. Raises SettingError for a route that nothing explains."""
    with app.app_context():
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
            view = app.view_functions[rule.endpoint]
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield _row(method, rule.rule, getattr(view, "access", None), _scope(view))


def table(apps: Iterable[tuple[str, Flask]]) -> list[tuple[str, Row]]:
    """All rows with their service; what is the same at every service stands once, as `each`."""
    by_service = {name: list(rows_of(app)) for name, app in apps}
    shared = set.intersection(*map(set, by_service.values())) if len(by_service) > 1 else set()
    each = [(EACH, row) for row in next(iter(by_service.values())) if row in shared]
    return each + [(name, row) for name, rows in by_service.items() for row in rows if row not in shared]


def as_csv(rows: Iterable[tuple[str, Row]]) -> str:
    """The table as CSV with a header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEAD)
    for service, row in rows:
        writer.writerow((service, row.method, row.route, *row.cells, row.about, row.explanation))
    return out.getvalue()


def read_csv(text: str) -> list[tuple[str, Row]]:
    """The table from its CSV."""
    return [
        (service, Row(method, route, tuple(rest[:-2]), rest[-2], rest[-1]))
        for service, method, route, *rest in list(csv.reader(io.StringIO(text)))[1:]
    ]


def _scope(view: object) -> Scope | None:
    scope = getattr(view, "scope", None)
    return current_instance().service.scope if scope == SERVICES_OWN else scope


def _row(method: str, route: str, roles: frozenset[Role] | str | None, scope: Scope | None) -> Row:
    if roles is None:
        raise SettingError(
            f"{method} {route} names no role that may use it: mark its view (shared.web.access)"
        )
    if roles == PEERS:
        cells = [OPEN if who == PEER else REFUSED for who in WHO]
        return Row(method, route, tuple(cells), "", "another service, shown by its signed token, good once")
    if roles == PUBLIC:
        return Row(method, route, (OPEN,) * len(WHO), "", _why_open(route))
    cells = [_cell(who, roles, scope) for who in WHO]
    if scope is None:
        return Row(method, route, tuple(cells), "", "about no matter: the role alone decides")
    words = f"{scope.words}; never what the unit is excluded from" if scope.recusal else scope.words
    return Row(method, route, tuple(cells), scope.name, scope.words if scope is NOTHING else words)


def _cell(who: str, roles: frozenset[Role] | str, scope: Scope | None) -> str:
    if who not in roles:
        return REFUSED
    if scope is None:
        return OPEN
    return "+".join(scope.of(Role(who))) or NONE


def _why_open(route: str) -> str:
    if route in WHY_OPEN_EXACTLY:
        return WHY_OPEN_EXACTLY[route]
    for beginning, why in WHY_OPEN.items():
        if route.startswith(beginning):
            return why
    raise SettingError(f"{route} is open to anyone: say why in shared/web/access_table.py, or name roles")
