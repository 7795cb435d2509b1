"""Sign-in at the county's identity provider: a real one for the good way, a false one for every bad token."""

import dataclasses
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from shared.identity.sessions import How, OpenSession
from shared.runtime.settings import Settings
from tests.ground import Ground
from tests.processes import free_port
from tests.provider import CLIENT, SECRET, FalseProvider, OpenIdProvider
from tests.web.test_sign_in import SECURE, browser

BACK = "/intake/sign-in/provider/answer"
KEY = RSAKey.generate_key(2048, {"kid": "1"})
OTHER = RSAKey.generate_key(2048, {"kid": "1"})


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenIdProvider]:
    with OpenIdProvider(f"http://localhost{BACK}", "http://localhost/intake/sign-in") as running:
        yield running


def with_provider(settings: Settings, issuer: str, public_url: str = "http://localhost") -> Ground:
    chosen = dataclasses.replace(
        settings,
        public_url=public_url,
        oidc_issuer=issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
    )
    return Ground(chosen)


@pytest.fixture
def ground(settings: Settings, provider: OpenIdProvider) -> Iterator[Ground]:
    with with_provider(settings, provider.issuer) as ground:
        yield ground


def begin(client: Any, target: str = "/reporting/board") -> str:
    answer = client.get(f"/intake/sign-in/provider?next={target}")
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"])


def local(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


@pytest.mark.npm
class TestAtARealProvider:
    def test_who_signs_in_there_is_the_post_that_the_claim_names(
        self, ground: Ground, provider: OpenIdProvider
    ) -> None:
        client = browser(ground)
        asked = parse_qs(urlsplit(there := begin(client)).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert asked["state"] and asked["nonce"]
        answer = client.get(local(provider.sign_in(there, "clerk-1")))
        assert (answer.status_code, answer.headers["Location"]) == (303, "/reporting/board")
        assert client.get("/reporting/api/me").json["post"] == "clerk-1"
        assert [row.how for row in ground.rows("intake", OpenSession)] == [How.OIDC]
        out = client.post("/intake/sign-out", headers=SECURE, follow_redirects=True)
        assert 'href="/intake/sign-out/provider"' in out.text
        ended = client.get("/intake/sign-out/provider").headers["Location"]
        assert ended.startswith(f"{provider.issuer}/session/end")
        assert ground.rows("intake", OpenSession) == []

    @pytest.mark.parametrize("person", ["nobody-1", "clerk-1 ", "../clerk-1"])
    def test_a_person_without_a_post_is_not_let_in(
        self, ground: Ground, provider: OpenIdProvider, person: str
    ) -> None:
        client = browser(ground)
        assert client.get(local(provider.sign_in(begin(client), person))).status_code == 403
        assert ground.rows("intake", OpenSession) == []

    def test_an_answer_is_good_once_and_only_in_the_browser_that_asked(
        self, ground: Ground, provider: OpenIdProvider
    ) -> None:
        client, stranger = browser(ground), browser(ground)
        back = local(provider.sign_in(begin(client), "clerk-1"))
        assert stranger.get(back).status_code == 401
        begin(stranger)
        assert stranger.get(back).status_code == 401  # the state is another browser's
        assert client.get(back).status_code == 303
        assert client.get(back).status_code == 401
        assert len(ground.rows("intake", OpenSession)) == 1

    def test_a_code_is_not_taken_with_another_verifier(
        self, ground: Ground, provider: OpenIdProvider
    ) -> None:
        client, other = browser(ground), browser(ground)
        code = parse_qs(urlsplit(provider.sign_in(begin(client), "clerk-1")).query)["code"][0]
        state = parse_qs(urlsplit(begin(other)).query)["state"][0]
        assert other.get(f"{BACK}?code={code}&state={state}").status_code == 401

    def test_who_breaks_off_there_begins_anew_here(self, ground: Ground) -> None:
        client = browser(ground)
        state = parse_qs(urlsplit(begin(client)).query)["state"][0]
        answer = client.get(f"{BACK}?error=access_denied&state={state}", headers={"Accept": "text/html"})
        assert answer.status_code == 401
        assert 'href="/intake/sign-in/provider?next=/reporting/board"' in answer.text

    def test_a_provider_that_is_away(self, settings: Settings) -> None:
        with with_provider(settings, f"http://127.0.0.1:{free_port()}") as ground:
            client = browser(ground)
            assert client.get("/intake/sign-in/provider").status_code == 503
            assert client.get("/intake/sign-in").status_code == 200


def claims(asked_nonce: str, issuer: str, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    good = {"iss": issuer, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 300, "nonce": asked_nonce}
    return good | {"preferred_username": "clerk-1"} | changes


def signed(key: Any = KEY, alg: str = "RS256", **changes: Any) -> Callable[[str, str], str]:
    def make(nonce: str, issuer: str) -> str:
        return jwt.encode({"alg": alg, "kid": "1"}, claims(nonce, issuer, **changes), key, algorithms=[alg])

    return make


def unsigned(nonce: str, issuer: str) -> str:
    _head, body, _signature = signed()(nonce, issuer).split(".")
    head = urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return f"{head}.{body}."


TOKENS: dict[str, tuple[Callable[[str, str], str], int]] = {
    "good": (signed(), 303),
    "of another key": (signed(OTHER), 401),
    "expired": (signed(exp=int(time.time()) - 600), 401),
    "for another client": (signed(aud="another-client"), 401),
    "for another client, handed to us": (signed(aud="another-client", azp=CLIENT), 401),
    "of another issuer": (signed(iss="http://elsewhere.example"), 401),
    "of another sign-in": (signed(nonce="another"), 401),
    "signed with a shared secret": (signed(OctKey.import_key(SECRET * 2), "HS256"), 401),
    "unsigned": (unsigned, 401),
    "no token": (lambda _nonce, _issuer: "", 401),
    "without a post": (signed(preferred_username=None), 403),
}


@pytest.mark.parametrize("what", TOKENS)
def test_only_a_good_token_lets_in(settings: Settings, what: str) -> None:
    make, expected = TOKENS[what]
    keys = KeySet([KEY]).as_dict(private=False)
    with FalseProvider(dict(keys)) as false, with_provider(settings, false.issuer) as ground:
        client = browser(ground)
        asked = parse_qs(urlsplit(begin(client)).query)
        false.token = make(asked["nonce"][0], false.issuer)
        answer = client.get(f"{BACK}?code=x&state={asked['state'][0]}")
        assert answer.status_code == expected, answer.text
        assert len(ground.rows("intake", OpenSession)) == (1 if expected == 303 else 0)
