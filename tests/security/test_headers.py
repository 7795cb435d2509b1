"""What every answer tells the browser: of every route, our files, downloads, errors and the bare address."""

import re
from dataclasses import replace

import pytest
from werkzeug.test import Client, TestResponse

from shared.identity.roles import Role
from shared.runtime.settings import Settings
from shared.web.access_table import REFUSED
from shared.web.headers import ALWAYS, DOWNLOADED
from tests.ground import Ground
from tests.security.asking import SERVICES, ask, ids_at, listed
from tests.security.objects import POSTS, WITHIN, Objects

INLINE = re.compile(r"<script(?![^>]*\ssrc=)|\son[a-z]+=|\sstyle=|<style")
FOREIGN = re.compile(r'<(?:script|link|img|iframe|form)[^>]*(?:src|href|action)="(?:https?:)?//')


def amiss(answer: TestResponse) -> set[str]:
    """The headers that an answer lacks or says otherwise."""
    wrong = {name for name, value in ALWAYS.items() if answer.headers.get(name) != value}
    if answer.headers.get("Content-Disposition", "").startswith("attachment"):
        if answer.headers["Content-Security-Policy"] == DOWNLOADED:
            wrong.discard("Content-Security-Policy")
    elif answer.mimetype == "text/html" and (INLINE.search(answer.text) or FOREIGN.search(answer.text)):
        wrong.add("inline or foreign")
    if answer.headers.get("Cache-Control") != "no-store":
        wrong.add("Cache-Control")
    if {"Server", "X-Powered-By", "Access-Control-Allow-Origin"} & set(answer.headers.keys()):
        wrong.add("says too much")
    return wrong


@pytest.mark.parametrize("name", SERVICES)
def test_every_route_has_them(objects: Objects, name: str) -> None:
    wrong, downloads = {}, 0
    for row in listed(name):
        role = next((role for role in Role if row.cell(role) != REFUSED), Role.OPERATOR)
        ids = (ids_at(objects, name, row, WITHIN, role) or [{}])[0]
        for post in (None, POSTS[role]):
            objects.ground.tokens.forget(post or "")  # among the routes are those that end it
            client = objects.ground.client(name, post)
            client.environ_base["HTTP_ACCEPT"] = "text/html"
            answer = ask(client, row, ids)
            if row.route.startswith("/api/assets"):
                continue  # may be kept, see below
            downloads += "attachment" in answer.headers.get("Content-Disposition", "")
            if found := amiss(answer):
                wrong[f"{row.method} {row.route} as {post}"] = found
    assert not wrong, wrong
    assert downloads or name in ("assignment", "notify")


def test_our_files_have_them_and_may_be_kept(stepped: Ground) -> None:
    client = stepped.client("intake", None)
    for path in ("/static/app.css", "/static/htmx.js", "/api/assets/swagger-ui.css"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert amiss(answer) - {"Cache-Control"} == set(), path


def test_errors_have_them(stepped: Ground) -> None:
    client = stepped.client("intake", "clerk-1")
    asked = (
        client.get("/nothing-here"),
        client.delete("/register"),
        client.open("/register", method="TRACE"),
        client.get("/static/../../secret-key"),
        client.post("/api/petitions", data=b"x" * 3_000_000, content_type="application/json"),
    )
    assert [answer.status_code for answer in asked] == [404, 405, 405, 404, 413]
    for answer in asked:
        assert amiss(answer) == set()


def test_the_bare_address_has_them(stepped: Ground) -> None:
    client = Client(stepped.composed.wsgi)
    for path, status in (("/", 302), ("/elsewhere", 404)):
        answer = client.get(path)
        assert answer.status_code == status
        assert amiss(answer) <= {"Cache-Control"}


@pytest.mark.parametrize("secure", [True, False])
def test_https_is_asked_for_where_it_is_there(settings: Settings, secure: bool) -> None:
    with Ground(replace(settings, secure_cookies=secure)) as ground:
        answer = ground.client("intake", None).get("/portal/submit")
        assert ("Strict-Transport-Security" in answer.headers) is secure
        for cookie in answer.headers.getlist("Set-Cookie"):
            assert ("Secure" in cookie) is secure
            assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
        assert answer.headers.getlist("Set-Cookie")
