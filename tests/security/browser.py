"""A browser without script before all five services under one address, as `huajie run` serves them."""

import html
import re
from typing import Any

from werkzeug.test import Client, TestResponse

from tests.ground import Ground

PASSWORD = "zhuxi-demo"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """Its cookies go where each cookie's path says."""

    def __init__(self, ground: Ground) -> None:
        self.client = Client(ground.composed.wsgi)

    def sign_in(self, post: str) -> None:
        """At the service that keeps the passwords."""
        page = self.client.get("/intake/sign-in")
        form = {"post": post, "password": PASSWORD, "csrf_token": token_in(page)}
        answer = self.client.post("/intake/sign-in", data=form)
        assert answer.status_code == 303, answer.text

    def open(self, service: str, path: str, **how: Any) -> TestResponse:
        """Ask a service, for problem+json where something is wrong."""
        headers = {"Accept": "text/html;q=0.9, application/json"} if how.get("method") else {}
        return self.client.open(f"/{service}{path}", headers=headers, **how)


def token_in(page: TestResponse) -> str:
    """The CSRF token that a page's forms carry."""
    found = TOKEN.search(page.text)
    assert found, page.text
    return html.unescape(found[1])
