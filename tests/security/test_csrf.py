"""No step is taken for a signed-in person whose browser was led here by another site."""

import pytest

from shared.identity.roles import Role
from shared.web.access_table import ANONYMOUS, OPEN, REFUSED, Row
from tests.ground import Ground
from tests.security.asking import SERVICES, ask, ids_at, listed
from tests.security.bodies import sent_to
from tests.security.browser import Browser, token_in
from tests.security.objects import POSTS, WITHIN, Objects

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
# The query code in the body gives the right there; no cookie counts.
CODE_IN_BODY = {"/api/portal/attachments"}


def changing(service: str) -> list[Row]:
    return [row for row in listed(service) if row.method != "GET" and row.route not in CODE_IN_BODY]


def is_refused(status: int, text: str) -> bool:
    return status == 400 and "urn:huajie:problem:session-over" in text


@pytest.mark.parametrize("name", SERVICES)
def test_a_cookie_alone_changes_nothing(objects: Objects, name: str) -> None:
    browsers: dict[Role, Browser] = {}
    wrong = {}
    for row in changing(name):
        role = next((role for role in Role if row.cell(role) != REFUSED), None)
        if role is None:
            continue  # for other services, which have no cookie
        if role not in browsers:
            browsers[role] = Browser(objects.ground)
            browsers[role].sign_in(POSTS[role])
        ids = (ids_at(objects, name, row, WITHIN, role) or [{}])[0]
        path = row.route
        for key, id_ in ids.items():
            path = path.replace(f"<uuid:{key}>", id_)
        for token in ({}, {"csrf_token": "forged"}):
            sent = sent_to(row.route, row.method)
            form = sent if "json" in sent else sent | {"data": sent.get("data", {}) | token}
            answer = browsers[role].open(name, path, method=row.method, **form)
            if not is_refused(answer.status_code, answer.text):
                wrong[f"{row.method} {row.route}"] = answer.status_code
    assert not wrong, wrong


@pytest.mark.parametrize("name", SERVICES)
def test_nor_does_a_form_of_nobody(objects: Objects, name: str) -> None:
    """To sign somebody in as another, or to hand in a petition in a visitor's name, needs our page too."""
    client = objects.ground.client(name, None)
    client.environ_base["HTTP_ACCEPT"] = "application/json"
    wrong = {}
    for row in changing(name):
        if row.cell(ANONYMOUS) != OPEN:
            continue
        for kind in FORMS:
            answer = client.open(row.route, method=row.method, data=b"a=1", content_type=kind)
            # What takes JSON only says so (415, 422), and another site cannot send that unasked.
            if not is_refused(answer.status_code, answer.text) and answer.status_code not in (415, 422):
                wrong[f"{row.method} {row.route} {kind}"] = answer.status_code
    assert not wrong, wrong


def test_our_own_page_is_believed_and_a_token_of_another_browser_is_not(together: Ground) -> None:
    mine, other = Browser(together), Browser(together)
    mine.sign_in("clerk-1")
    other.sign_in("clerk-2")
    token = token_in(mine.open("intake", "/register/new"))
    foreign = token_in(other.open("intake", "/register/new"))
    for token_sent, refused in ((foreign, True), (token, False)):
        answer = mine.open("intake", "/language", method="POST", data={"csrf_token": token_sent})
        assert is_refused(answer.status_code, answer.text) is refused


def test_a_get_is_asked_with_a_session_that_cannot_write(objects: Objects) -> None:
    """So a link in a mail changes nothing either; the visit of the portal is kept in the cookie only."""
    wrong = {}
    for name in SERVICES:
        database = objects.ground.instance(name).db
        for row in listed(name):
            role = next((role for role in Role if row.cell(role) != REFUSED), None)
            if row.method != "GET" or role is None:
                continue
            for ids in ids_at(objects, name, row, WITHIN, role)[:1]:
                with database.read() as session:
                    before = session.connection().exec_driver_sql("PRAGMA data_version").scalar()
                    ask(objects.ground.client(name, POSTS[role]), row, ids)
                    after = session.connection().exec_driver_sql("PRAGMA data_version").scalar()
                if before != after:
                    wrong[f"{name} {row.route}"] = "wrote"
    assert not wrong, wrong
