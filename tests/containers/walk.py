"""What is done with the running containers: a petition goes in at the door and is counted at the board."""

import ssl
import time
from pathlib import Path
from typing import Any

import httpx

from shared.runtime.compose import DEMO_PASSWORD
from tests.containers.engine import Engine
from tests.factories import petition_body
from tests.processes import HOST, wait_until


class Door(httpx.HTTPTransport):
    """Reaches the proxy at its port of this machine, and believes it for the name in its certificate."""

    def __init__(self, authority: Path) -> None:
        super().__init__(verify=ssl.create_default_context(cafile=str(authority)))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["sni_hostname"] = request.url.host
        request.url = request.url.copy_with(host=HOST)
        return super().handle_request(request)


def walk(engine: Engine, address: str, secrets: Path, say: Any) -> None:
    """Sign in, register, see it at the board, also after a worker was killed and came again."""
    authority = secrets / "made" / "authority" / "ca.pem"
    with httpx.Client(base_url=address, transport=Door(authority), timeout=30) as client:
        _expect(client.get("/intake/portal").status_code == 200, "the portal does not answer")
        _expect(client.get("/intake/metrics").status_code == 404, "/metrics is open")
        say("the portal answers over TLS; /metrics does not exist outside")
        clerk, supervisor = _token(client, "clerk-1"), _token(client, "supervisor-1")
        for number in (1, 2):
            began = time.monotonic()
            made = client.post("/intake/api/petitions", json=petition_body(), headers=clerk)
            _expect(made.status_code == 201, f"a petition was refused: {made.text}")
            _expect(
                wait_until(lambda wanted=number: _registered(client, supervisor) == wanted, 90),
                "the petition does not reach the board",
            )
            say(f"petition {number} is at the board, {time.monotonic() - began:.1f} s after it was sent")
            if number == 1:
                _kill_a_worker(engine, say)


def _kill_a_worker(engine: Engine, say: Any) -> None:
    engine.podman("kill", "huajie_reporting-worker_1")
    engine.podman("start", "huajie_reporting-worker_1")  # what `restart` does where an engine keeps watch
    say("the worker of reporting was killed and started again")


def _token(client: httpx.Client, post: str) -> dict[str, str]:
    answer = client.post("/intake/api/tokens", json={"post": post, "password": DEMO_PASSWORD})
    _expect(answer.status_code == 200, f"{post} cannot sign in: {answer.status_code} {answer.text}")
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def _registered(client: httpx.Client, headers: dict[str, str]) -> int:
    board = client.get("/reporting/api/board", headers=headers)
    return int(board.json()["totals"]["registered"]) if board.status_code == 200 else -1


def _expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise RuntimeError(otherwise)
