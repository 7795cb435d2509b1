"""One's own sign-in: the password, one-time codes that are good once, sessions that can be ended."""

import re
from datetime import timedelta
from typing import Any

import pyotp

from shared import clock
from shared.identity.credentials import Credential
from shared.identity.sessions import OpenSession
from shared.runtime.compose import DEMO_PASSWORD
from tests.ground import Ground
from tests.web.test_sign_in import OWN, POST, SECURE, ask_token, browser, close, enter, hidden


def signed_in(ground: Ground, post: str = POST) -> Any:
    client = browser(ground)
    assert enter(client, post).status_code == 303
    client.set_cookie("huajie-language", "en")
    return client


def send(client: Any, path: str, **fields: str) -> Any:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/intake/account").text)
    assert token
    return client.post(f"/intake/account/{path}", data=fields | {"csrf_token": token[1]}, headers=SECURE)


def with_codes(client: Any) -> tuple[pyotp.TOTP, list[str]]:
    """Turn codes on; gives the app and the recovery codes."""
    assert send(client, "codes", password=DEMO_PASSWORD).status_code == 303
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", client.get("/intake/account").text)
    assert secret
    app = pyotp.TOTP(secret[1])
    assert send(client, "codes/confirm", code="000000").status_code == 422
    page = send(client, "codes/confirm", code=app.at(clock.now()))
    recovery = re.findall(r"<code>((?:[A-Z2-9]{4}-){3}[A-Z2-9]{4})</code>", page.text)
    assert len(recovery) == 8
    return app, recovery


def test_the_password_is_changed_by_who_knows_it_and_other_sessions_end(stepped: Ground) -> None:
    client, other = signed_in(stepped), signed_in(stepped)
    new = {"new_password": OWN, "again": OWN}
    assert send(client, "password", password="wrong", **new).status_code == 422
    assert send(client, "password", password=DEMO_PASSWORD, **new).status_code == 303
    assert client.get("/intake/api/me").status_code == 200
    assert other.get("/intake/api/me").status_code == 401
    assert ask_token(stepped, POST, OWN).status_code == 200


def test_a_code_is_asked_for_after_the_password_and_good_once(stepped: Ground) -> None:
    with clock.travel(clock.now()) as move:
        app, _recovery = with_codes(signed_in(stepped))
        assert ask_token(stepped, POST, DEMO_PASSWORD).json["errors"].keys() == {"code"}
        used = app.at(clock.now())
        assert ask_token(stepped, POST, DEMO_PASSWORD, code=used).status_code == 401
        move(timedelta(seconds=30))
        code = app.at(clock.now())
        client = browser(stepped)
        form = hidden(enter(client, next="/reporting/board").text)
        assert client.get("/intake/api/me").status_code == 401
        assert client.post("/intake/sign-in/code", data=form | {"code": "000000"}).status_code == 401
        answer = client.post("/intake/sign-in/code", data=form | {"code": code})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/reporting/board")
        move(timedelta(seconds=5))
        assert ask_token(stepped, POST, DEMO_PASSWORD, code=code).status_code == 401
        move(timedelta(seconds=30))
        assert ask_token(stepped, POST, DEMO_PASSWORD, code=app.at(clock.now())).status_code == 200


def test_a_recovery_code_is_good_once(stepped: Ground) -> None:
    with clock.travel(clock.now()) as move:
        _app, recovery = with_codes(signed_in(stepped))
        typed = recovery[0].lower().replace("-", " ")
        assert ask_token(stepped, POST, DEMO_PASSWORD, code=typed).status_code == 200
        assert ask_token(stepped, POST, DEMO_PASSWORD, code=typed).status_code == 401
        move(timedelta(minutes=2))
        assert ask_token(stepped, POST, DEMO_PASSWORD, code=recovery[1]).status_code == 200


def test_codes_are_turned_off_with_the_password_only(stepped: Ground) -> None:
    client = signed_in(stepped)
    with_codes(client)
    assert send(client, "codes/off", password="wrong").status_code == 422
    assert send(client, "codes/off", password=DEMO_PASSWORD).status_code == 303
    assert ask_token(stepped, POST, DEMO_PASSWORD).status_code == 200


def test_who_knows_the_password_and_guesses_codes_is_stopped(stepped: Ground) -> None:
    with clock.travel(clock.now()) as move:
        app, _recovery = with_codes(signed_in(stepped))
        for _ in range(5):
            assert ask_token(stepped, POST, DEMO_PASSWORD, code="000000").status_code == 401
            move(timedelta(minutes=2))
        (row,) = stepped.rows("intake", Credential, Credential.post == POST)
        assert row.asks_for_code
        for _ in range(4):
            ask_token(stepped, POST, DEMO_PASSWORD, code="000000")
        assert ask_token(stepped, POST, DEMO_PASSWORD, code=app.at(clock.now())).status_code == 401


def test_sessions_are_listed_and_ended_one_by_one_or_all_others(stepped: Ground) -> None:
    client, second, third = (signed_in(stepped) for _ in range(3))
    stranger = signed_in(stepped, "head")
    page = client.get("/intake/account").text
    handles = re.findall(r'name="session" value="([0-9a-f]{16})"', page)
    assert len(handles) == 3
    assert send(stranger, "sessions", session=handles[0]).status_code == 303
    assert len(stepped.rows("intake", OpenSession, OpenSession.post == POST)) == 3
    assert send(client, "sessions").status_code == 303
    assert [c.get("/intake/api/me").status_code for c in (client, second, third)] == [200, 401, 401]
    own = re.findall(r'name="session" value="([0-9a-f]{16})"', client.get("/intake/account").text)
    send(client, "sessions", session=own[0])
    assert client.get("/intake/api/me").status_code == 401
    assert stranger.get("/intake/api/me").status_code == 200


def test_another_service_leads_to_the_page(stepped: Ground) -> None:
    assert signed_in(stepped).get("/notify/account").headers["Location"] == "/intake/account"


def test_the_operator_opens_a_closed_post_and_ends_sessions(stepped: Ground) -> None:
    with clock.travel(clock.now()) as move:
        close(stepped, POST, move=move)
        operator, head = signed_in(stepped, "operator-1"), signed_in(stepped, "head")
        page = operator.get("/intake/ops/posts").text
        assert "closed after wrong tries" in page
        token = hidden(page)["csrf_token"]
        act = {"csrf_token": token, "post": POST, "action": "unlock"}
        assert operator.post("/intake/ops/posts", data=act).status_code == 303
        assert ask_token(stepped, POST, DEMO_PASSWORD).status_code == 200
        end = act | {"post": "head", "action": "end"}
        assert operator.post("/intake/ops/posts", data=end).status_code == 303
        assert head.get("/intake/api/me").status_code == 401
        assert operator.post("/intake/ops/posts", data=act | {"post": "nobody"}).status_code == 404
