"""The operator sees what is parked and why, runs it again or puts it away; nobody else does."""

import re

import pytest
from flask.testing import FlaskClient

from shared.db.inbox import Arrival, Inbox, State, receive
from tests.bus.bad import BAD, good_body
from tests.ground import Ground

KEYS = {"intake.petition.registered.v1"}
SAID = "Wang Somebody, Village Street 7"  # what somebody might have written into a bad message


@pytest.fixture
def parked(stepped: Ground) -> list[Inbox]:
    bodies = [body for body, _key, _reason in list(BAD.values())[:3]] + [
        SAID.encode(),
        good_body(data={"x": SAID}),
    ]
    with stepped.instance("reporting").db.write() as session:
        receive(session, [Arrival(body) for body in bodies], KEYS)
    stepped.loops["reporting"].work.step()
    rows = list(stepped.rows("reporting", Inbox, Inbox.state == State.PARKED))
    assert len(rows) == 5
    return rows


def signed_in(ground: Ground, service: str, post: str) -> FlaskClient:
    client = ground.client(service, None)
    client.set_cookie("huajie", ground.tokens.of(post))
    return client


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def test_the_page_shows_reasons_and_no_content(stepped: Ground, parked: list[Inbox]) -> None:
    page = signed_in(stepped, "reporting", "operator-1").get("/ops/parked").text
    for row in parked:
        assert row.id in page
        assert (row.last_error or "-") in page
    assert SAID not in page


def test_put_away_on_the_page_takes_a_reason(stepped: Ground, parked: list[Inbox]) -> None:
    client = signed_in(stepped, "reporting", "operator-1")
    chosen = f"{parked[0].source} {parked[0].id}"
    form = {"action": "dismiss", "message": chosen, "csrf_token": _token(client.get("/ops/parked").text)}
    assert client.post("/ops/parked", data=form).status_code == 422
    assert client.post("/ops/parked", data=form | {"reason": "a test of the partner"}).status_code == 303
    (row,) = stepped.rows("reporting", Inbox, Inbox.id == parked[0].id)
    assert (row.state, row.dismissed_reason) == (State.DISMISSED, "a test of the partner")


def test_a_form_without_its_token_is_refused(stepped: Ground, parked: list[Inbox]) -> None:
    client = signed_in(stepped, "reporting", "operator-1")
    form = {"action": "again", "message": f"{parked[0].source} {parked[0].id}"}
    assert client.post("/ops/parked", data=form).status_code == 400
    assert len(stepped.rows("reporting", Inbox, Inbox.state == State.PARKED)) == 5


def test_the_same_by_api(stepped: Ground, parked: list[Inbox]) -> None:
    client = stepped.client("reporting", "operator-1")
    listed = client.get("/api/parked").json
    assert {row["id"] for row in listed} == {row.id for row in parked}
    assert SAID not in str(listed)
    keys = [{"source": row["source"], "id": row["id"]} for row in listed]
    assert client.post("/api/parked/run-again", json={"messages": keys[:2]}).json == {"count": 2}
    assert client.post("/api/parked/dismiss", json={"messages": keys, "reason": "old"}).json == {"count": 3}
    assert client.get("/api/parked").json == []
    while stepped.loops["reporting"].work.step():
        pass
    assert len(client.get("/api/parked").json) == 2  # they are as bad as before


def test_only_the_operator(stepped: Ground) -> None:
    for post in ("clerk-1", "head", "leader-1", "supervisor-1", "liaison-police"):
        assert stepped.client("reporting", post).get("/api/parked").status_code == 403
        assert stepped.client("reporting", post).get("/ops/parked").status_code == 403
