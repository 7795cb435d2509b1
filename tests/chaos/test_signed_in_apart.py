"""Two services as processes of their own on PostgreSQL: in at both by one sign-in, and out of both."""

from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from services import all_services
from tests.bus.station import until
from tests.chaos.deployment import Deployment
from tests.servers import PostgreSQL

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.timeout(240)]
NOWHERE = "amqp://guest:guest@127.0.0.1:9//"  # pages and API need no bus


def test_in_and_out_at_both(postgres: PostgreSQL, tmp_path: Path) -> None:
    run = uuid4().hex[:8]
    for service in all_services():
        postgres.create_database(f"{service.name}_{run}")
    deployment = Deployment(["intake", "assignment"], postgres.url(f"{{service}}_{run}"), NOWHERE, tmp_path)
    deployment.processes = {k: p for k, p in deployment.processes.items() if k.startswith("web")}
    with deployment:
        token = deployment.token("clerk-1")

        def status(service: str, token: str = token) -> int:
            address = f"http://127.0.0.1:{deployment.ports[service]}/api/me"
            return httpx.get(address, headers={"Authorization": f"Bearer {token}"}, timeout=20).status_code

        assert (status("intake"), status("assignment")) == (200, 200)
        assert (status("intake", "p" * 43), status("assignment", "p" * 43)) == (401, 401)
        ended = deployment.client("intake", "clerk-1").ask("DELETE", "/api/tokens")
        assert ended.status_code == 204
        assert status("intake") == 401
        until(lambda: status("assignment") == 401, "the end to be known at assignment", 65)
        head = deployment.token("head")
        assert status("assignment", head) == 200
        deployment.processes["web intake"].kill()
        assert status("assignment", head) == 200
        assert status("assignment", "q" * 43) == 503
