"""Signing in at one service, being known at all; who guesses is slowed down, what is over opens nothing."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from shared import clock
from shared.identity import sessions
from shared.identity.credentials import MOST_TRIES, Credential, WrongTries, set_password
from shared.identity.sessions import How, OpenSession, open_session
from shared.runtime.compose import DEMO_PASSWORD, Together
from tests.ground import Ground

POST, OWN = "clerk-1", "lorry teapot meadow 42"
SECURE = {"Origin": "http://localhost"}


def browser(ground: Ground) -> FlaskClient:
    """One browser at the one address of all five services."""
    from werkzeug.test import Client

    return Client(ground.composed.wsgi)  # type: ignore[return-value]


def enter(client: Any, post: str = POST, password: str = DEMO_PASSWORD, **more: str) -> Any:
    return client.post("/intake/sign-in", data={"post": post, "password": password, **more}, headers=SECURE)


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))


def ask_token(ground: Ground, post: str, password: str, **more: str) -> Any:
    body = {"post": post, "password": password, **more}
    return ground.client("intake", None).post("/api/tokens", json=body)


def with_token(ground: Ground, service: str, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return ground.client(service, None).get("/api/me", headers=headers).status_code


def opened(ground: Ground, post: str = POST, how: How = How.PASSWORD) -> str:
    with ground.instance("intake").db.write() as session:
        return open_session(session, post, how)


def close(ground: Ground, post: str, tries: int = MOST_TRIES, move: Any = None) -> None:
    for _ in range(tries):
        assert ask_token(ground, post, "wrong").status_code == 401
        if move:
            move(timedelta(minutes=2))


def test_one_sign_in_is_good_at_every_service(stepped: Ground) -> None:
    client = browser(stepped)
    answer = enter(client, next="/reporting/board")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/reporting/board")
    for service in stepped.composed.instances:
        assert client.get(f"/{service}/api/me").json["post"] == POST
    client.post("/reporting/sign-out", headers=SECURE, follow_redirects=True)
    for service in stepped.composed.instances:
        assert client.get(f"/{service}/api/me").status_code == 401
    assert stepped.rows("intake", OpenSession) == []


def test_another_service_leads_to_the_sign_in_and_back(stepped: Ground) -> None:
    client = browser(stepped)
    answer = client.get("/supervision/sign-in")
    assert answer.headers["Location"] == "/intake/sign-in?next=%2Fsupervision%2F"
    refused = client.post("/reporting/api/tokens", json={"post": POST, "password": DEMO_PASSWORD})
    assert refused.status_code == 421
    assert "/intake/api/tokens" in refused.json["detail"]


@pytest.mark.parametrize(
    "target",
    [
        "//elsewhere.example/",
        "/\\elsewhere.example",
        "https://elsewhere.example/",
        "/intake/../x\n",
        "/nowhere/",
    ],
)
def test_no_sign_in_leads_elsewhere(stepped: Ground, target: str) -> None:
    assert enter(browser(stepped), next=target).headers["Location"] == "/intake/"


def test_what_was_typed_at_another_service_comes_back_there(stepped: Ground) -> None:
    client = browser(stepped)
    opened(stepped, "head")
    path = "/notify/inbox/read-all"
    typed = {"text": "三月起的水费", "csrf_token": "old"}
    over = client.post("/supervision/ops/parked", data=typed, headers=SECURE)
    assert over.status_code == 401
    assert 'action="/intake/sign-in"' in over.text
    carried = hidden(over.text)
    assert carried["carried.text"] == typed["text"]
    assert path
    inside = enter(client, "operator-1", **carried)
    assert 'action="/supervision/ops/parked" data-go-on' in inside.text
    there = client.post("/supervision/ops/parked", data={"text": typed["text"]}, headers=SECURE)
    assert there.status_code == 400
    again = hidden(there.text)
    assert again["text"] == typed["text"]
    assert client.post("/supervision/ops/parked", data=again).status_code == 422  # judged as any other


def test_a_session_is_over_after_eight_hours_and_of_a_browser_after_two_without_use(stepped: Ground) -> None:
    with clock.travel(clock.now()) as move:
        idle, used, program = opened(stepped), opened(stepped), opened(stepped, how=How.TOKEN)
        for hours in range(1, 8):
            move(timedelta(hours=1))
            assert with_token(stepped, "intake", used) == 200
            assert with_token(stepped, "intake", idle) == 200 if hours < 2 else 401
            break
        move(timedelta(hours=2))
        assert with_token(stepped, "intake", idle) == 401
        assert with_token(stepped, "reporting", idle) == 401
        move(timedelta(hours=4, minutes=59))
        assert with_token(stepped, "reporting", program) == 200
        move(timedelta(minutes=1))
        assert with_token(stepped, "intake", program) == 401
        assert with_token(stepped, "reporting", program) == 401


def test_use_at_another_service_keeps_a_session_open(stepped: Ground) -> None:
    with clock.travel(clock.now()) as move:
        token = opened(stepped)
        for _ in range(7):
            move(timedelta(hours=1))
            assert with_token(stepped, "reporting", token) == 200
        move(timedelta(hours=1))
        assert with_token(stepped, "reporting", token) == 401


def test_an_ended_session_is_refused_elsewhere_within_a_minute(stepped: Ground) -> None:
    with clock.travel(clock.now()) as move:
        token = opened(stepped)
        assert with_token(stepped, "reporting", token) == 200
        with stepped.instance("intake").db.write() as session:
            sessions.end_session(session, sessions.token_hash(token))
        assert with_token(stepped, "intake", token) == 401
        move(timedelta(seconds=60))
        assert with_token(stepped, "reporting", token) == 401


@pytest.mark.parametrize("token", ["x", "p" * 43, "p" * 44, "../etc", "' OR 1=1 --", "é" * 43])
def test_a_made_up_token_opens_nothing(stepped: Ground, token: str) -> None:
    for service in ("intake", "reporting"):
        header = {"Authorization": f"Bearer {token}".encode().decode("latin-1")}
        assert stepped.client(service, None).get("/api/me", headers=header).status_code == 401


def test_the_sign_in_service_away(stepped: Ground) -> None:
    known, new = opened(stepped), opened(stepped, "head")
    assert with_token(stepped, "reporting", known) == 200
    reporting = stepped.instance("reporting")
    there, reporting.local_peer = reporting.local_peer, _away
    with clock.travel(clock.now()) as move:
        move(timedelta(minutes=5))
        assert with_token(stepped, "reporting", known) == 200
        assert with_token(stepped, "reporting", new) == 503
        client = stepped.composed.app("reporting").test_client()
        client.set_cookie("huajie", new)
        page = client.post("/ops/parked", data={"text": "三月起的水费"}, headers=SECURE)
        assert page.status_code == 503
        assert hidden(page.text)["text"] == "三月起的水费"
        move(timedelta(minutes=6))
        assert with_token(stepped, "reporting", known) == 503
        reporting.local_peer = there
        assert with_token(stepped, "reporting", known) == 200


def _away(_service: str) -> Any:
    def answer(_environ: dict[str, Any], start: Any) -> list[bytes]:
        start("502 Bad Gateway", [("Content-Type", "text/plain")])
        return [b""]

    return answer


def test_an_old_cookie_and_that_of_another_service_mean_nothing(stepped: Ground) -> None:
    """No fixation: what stood in the own cookie before a sign-in, CSRF token too, is gone after it."""
    client = browser(stepped)
    before = hidden(client.get("/intake/sign-in").text)["csrf_token"]
    enter(client)
    step = {"csrf_token": before, "language": "en"}
    assert client.post("/intake/language", data=step).status_code == 400
    own = client.get_cookie("huajie-intake", path="/intake")
    fresh = hidden(client.get("/intake/").text)["csrf_token"]
    assert client.post("/intake/language", data=step | {"csrf_token": fresh}).status_code == 303
    client.get("/notify/")
    client.set_cookie("huajie-notify", own.value, path="/notify")
    assert client.post("/notify/language", data=step | {"csrf_token": fresh}).status_code == 400


def test_another_site_cannot_sign_anybody_in_or_out(stepped: Ground) -> None:
    client = browser(stepped)
    data = {"post": POST, "password": DEMO_PASSWORD}
    foreign = {"Origin": "http://elsewhere.example"}
    assert client.post("/intake/sign-in", data=data, headers=foreign).status_code == 400
    enter(client)
    assert client.post("/intake/sign-out", headers=foreign).status_code == 400
    assert client.get("/intake/api/me").status_code == 200


def test_ten_wrong_tries_close_a_post_for_a_quarter_of_an_hour(stepped: Ground) -> None:
    with clock.travel(clock.now()) as move:
        close(stepped, POST, move=move)
        assert ask_token(stepped, POST, DEMO_PASSWORD).status_code == 401
        move(timedelta(minutes=15))
        assert ask_token(stepped, POST, DEMO_PASSWORD).status_code == 200
        assert ask_token(stepped, "head", DEMO_PASSWORD).status_code == 200


def test_a_pause_grows_with_every_wrong_try(stepped: Ground) -> None:
    with clock.travel(clock.now()) as move:
        close(stepped, POST, tries=3)
        assert ask_token(stepped, POST, DEMO_PASSWORD).status_code == 401
        move(timedelta(seconds=1))
        close(stepped, POST, tries=1)
        move(timedelta(seconds=1))
        assert ask_token(stepped, POST, DEMO_PASSWORD).status_code == 401
        move(timedelta(seconds=1))
        assert ask_token(stepped, POST, DEMO_PASSWORD).status_code == 200


def test_a_post_that_does_not_exist_is_answered_alike_and_its_name_is_not_kept(stepped: Ground) -> None:
    with clock.travel(clock.now()) as move:
        for tries in range(12):
            known, unknown = (ask_token(stepped, post, "wrong") for post in (POST, "某某"))
            assert (known.status_code, known.json) == (unknown.status_code, unknown.json)
            move(timedelta(minutes=1 if tries < 11 else 20))
    rows = stepped.rows("intake", WrongTries)
    assert {row.of for row in rows if row.of != POST} != set()
    assert all(re.fullmatch(r"\?\d{4}", row.of) for row in rows if row.of != POST)
    counts = {row.of == POST: (row.in_a_row, row.closed_until) for row in rows}
    assert counts[True] == counts[False]


def test_the_post_is_told_of_wrong_tries_at_its_next_sign_in(stepped: Ground) -> None:
    close(stepped, POST, tries=2)
    client = browser(stepped)
    client.set_cookie("huajie-language", "en")
    assert "2 wrong tries" in enter(client).text or "2 wrong tries" in client.get("/intake/").text
    assert stepped.rows("intake", WrongTries) == []


def test_a_first_password_is_changed_before_anything_else(stepped: Ground) -> None:
    with stepped.instance("intake").db.write() as session:
        set_password(session, POST, "given by the operator", must_change=True)
    refused = ask_token(stepped, POST, "given by the operator")
    assert (refused.status_code, "token" in refused.json) == (403, False)
    client = browser(stepped)
    page = enter(client, password="given by the operator", next="/reporting/board")
    assert client.get("/intake/api/me").status_code == 401
    form = hidden(page.text)
    for new, again, status in (
        ("short", "short", 422),
        (OWN, "another one entirely", 422),
        ("given by the operator", "given by the operator", 422),
        (OWN, OWN, 303),
    ):
        answer = client.post("/intake/sign-in/password", data=form | {"new_password": new, "again": again})
        assert answer.status_code == status, answer.text
    assert answer.headers["Location"] == "/reporting/board"
    assert client.get("/reporting/api/me").json["post"] == POST
    assert ask_token(stepped, POST, OWN).status_code == 200
    assert ask_token(stepped, POST, "given by the operator").status_code == 401


def test_the_steps_after_the_password_are_not_open_without_it(stepped: Ground) -> None:
    with stepped.instance("intake").db.write() as session:
        set_password(session, POST, "given by the operator", must_change=True)
    client = browser(stepped)
    token = hidden(client.get("/intake/sign-in").text)
    form = token | {"new_password": OWN, "again": OWN, "code": "123456"}
    for step in ("password", "code"):
        assert client.post(f"/intake/sign-in/{step}", data=form).status_code == 401
    with clock.travel(clock.now()) as move:
        form |= hidden(enter(client, password="given by the operator").text)
        move(timedelta(minutes=11))
        assert client.post("/intake/sign-in/password", data=form).status_code == 401


def test_only_the_sign_in_service_has_passwords(stepped: Ground) -> None:
    held = {name: len(stepped.rows(name, Credential)) for name in stepped.composed.instances}
    assert held.pop("intake") > 0
    assert set(held.values()) == {0}


def test_nothing_of_a_token_or_a_password_is_kept(stepped: Ground) -> None:
    token = ask_token(stepped, POST, DEMO_PASSWORD).json["token"]
    (row,) = stepped.rows("intake", OpenSession)
    assert token not in repr(vars(row))
    assert all(DEMO_PASSWORD not in repr(vars(each)) for each in stepped.rows("intake", Credential))


def test_introspection_is_for_the_services_of_this_installation(stepped: Ground) -> None:
    client = stepped.client("intake", POST)
    assert client.post("/api/introspection", data={"token": stepped.tokens.of(POST)}).status_code == 401


def test_a_token_of_another_installation_opens_nothing(stepped: Ground, tmp_path: Any) -> None:
    from services import all_services
    from tests.ground import one_process

    other = Together(all_services(), one_process(tmp_path / "other"))
    other.prepare()
    with other.instances["intake"].db.write() as session:
        token = open_session(session, POST, How.TOKEN)
    other.stop()
    for service in ("intake", "reporting"):
        assert with_token(stepped, service, token) == 401
