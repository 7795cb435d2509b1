"""Every route says who may call it; what says nothing is closed; nobody's address is kept."""

import re
from collections.abc import Iterator

import pytest
from flask import Blueprint
from sqlalchemy import LargeBinary, select

from services import all_services
from shared.errors import N_
from shared.identity.roles import EVERY_ROLE, Role
from shared.runtime.compose import Together
from shared.runtime.settings import Settings
from shared.web.access import PEERS, PUBLIC
from tests.factories import new_petition
from tests.ground import Ground

ADDRESS = "203.0.113.77"  # of a documentation network: nobody's
# Open to anyone by purpose.
OPEN = re.compile(
    r"^/(health|api/openapi\.json|api/assets|api/tokens|sign-|language|theme|portal|api/portal)|^/(api/)?$"
)
every_service = pytest.mark.parametrize("name", [service.name for service in all_services()])


def routes(ground: Ground, service: str) -> Iterator[tuple[str, str, frozenset[Role] | str | None]]:
    """Each route's method, its path with invented values, and the roles that its view names."""
    app = ground.composed.app(service)
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        roles = getattr(view, "access", None)
        path = re.sub(r"<uuid:[^>]+>", "00000000-0000-4000-8000-000000000000", rule.rule)
        path = re.sub(r"<int:[^>]+>", "1", path)
        path = re.sub(r"<[^>]+>", "x", path)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, path, roles


@every_service
def test_every_route_names_its_roles(stepped: Ground, name: str) -> None:
    unmarked = {f"{method} {path}" for method, path, roles in routes(stepped, name) if roles is None}
    assert unmarked == set()


@every_service
def test_open_routes_are_the_ones_meant_to_be(stepped: Ground, name: str) -> None:
    unmeant = {
        path for _method, path, roles in routes(stepped, name) if roles == PUBLIC and not OPEN.match(path)
    }
    assert unmeant == set()


@every_service
def test_nobody_gets_in_without_signing_in(stepped: Ground, name: str) -> None:
    client = stepped.client(name, None)
    answers = {
        f"{method} {path}": client.open(path, method=method, json={} if method != "GET" else None).status_code
        for method, path, roles in routes(stepped, name)
        if roles != PUBLIC
    }
    assert {what: status for what, status in answers.items() if status != 401} == {}


@every_service
def test_a_role_that_is_not_named_is_refused(stepped: Ground, name: str) -> None:
    posts = {Role.OPERATOR: "operator-1", Role.LIAISON: "liaison-police", Role.CLERK: "clerk-1"}
    wrong = set()
    for method, path, roles in routes(stepped, name):
        for role, post in posts.items():
            if roles and roles != EVERY_ROLE and role not in roles:
                answer = stepped.client(name, post).open(
                    path, method=method, json={} if method != "GET" else None
                )
                if answer.status_code != (401 if roles == PEERS else 403):
                    wrong.add(f"{method} {path} as {role}: {answer.status_code}")
    assert wrong == set()


@every_service
def test_pages_allow_no_foreign_or_inline_script(stepped: Ground, name: str) -> None:
    for post in ("clerk-1", "operator-1", None):
        client = stepped.client(name, post)
        for method, path, _roles in routes(stepped, name):
            if method != "GET":
                continue
            answer = client.get(path, headers={"Accept": "text/html"})
            assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            if answer.mimetype == "text/html":
                assert not re.search(r"<script(?![^>]*\ssrc=)|\son[a-z]+=|\sstyle=|<style", answer.text), path


def test_a_route_that_names_no_role_is_closed(settings: Settings) -> None:
    from dataclasses import replace

    forgetful = Blueprint("forgetful", __name__, url_prefix="/forgetful")
    forgetful.get("")(lambda: N_("open to all by mistake"))
    intake, *others = all_services()
    opened = replace(intake, blueprints=lambda: (*intake.blueprints(), forgetful))
    together = Together((opened, *others), settings)
    with Ground(settings) as ground:
        for post in (None, "head", "clerk-1"):
            client = ground.client("intake", post)
            client.application = together.app("intake")
            assert client.get("/forgetful").status_code == 403
    together.stop()


def test_no_address_is_kept(together: Ground, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with together.composed.app("intake").test_client() as client:
        client.environ_base.update(REMOTE_ADDR=ADDRESS, HTTP_X_FORWARDED_FOR=ADDRESS)
        client.post("/api/tokens", json={"post": "clerk-1", "password": "zhuxi-demo"})
        client.post("/api/tokens", json={"post": "clerk-1", "password": "wrong"})
        client.get("/no-such-page")
    new_petition(together)
    together.settle()
    assert ADDRESS not in caplog.text
    for name, instance in together.composed.instances.items():
        with instance.db.read() as session:
            for metadata in instance.service.all_metadata:
                for table in metadata.tables.values():
                    assert not [c for c in table.columns if re.search(r"\bip\b|address_of|remote", c.name)], (
                        name
                    )
                    columns = [c for c in table.columns if not isinstance(c.type, LargeBinary)]
                    for row in session.execute(select(*columns)):
                        assert ADDRESS not in repr(row), f"{name}.{table.name}"
