"""No web request waits for the broker; a database that is away is said so plainly, and both come back."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from shared.contracts.intake import PetitionRegisteredV1
from shared.contracts.registry import contract_of
from shared.db.inbox import Inbox
from shared.db.outbox import Outbox
from tests.bus.station import until
from tests.factories import new_petition, petition_body
from tests.ground import Ground, settings_for
from tests.servers import PostgreSQL, RabbitMQ

REGISTERED = contract_of(PetitionRegisteredV1).key


@pytest.mark.rabbitmq
@pytest.mark.postgres
def test_registration_goes_on_without_the_broker(apart: Ground, rabbit: RabbitMQ) -> None:
    before = new_petition(apart)
    apart.settle()
    rabbit.ctl("eval", "[dets:sync(Table) || Table <- dets:all()].")  # see tests/bus/test_rabbitmq.py
    rabbit.kill()
    try:
        during = [new_petition(apart)["number"] for _ in range(3)]
        assert apart.client("intake", None).get("/health/ready").status_code == 200
        assert len(apart.rows("intake", Outbox, Outbox.published_at.is_(None))) == 3
    finally:
        rabbit.start()
    apart.settle(90)
    numbers = [event.data["number"] for event in apart.outbox("intake", REGISTERED)]
    assert numbers == [before["number"], *during]
    arrived = apart.rows("reporting", Inbox, Inbox.type == f"local.{REGISTERED}")
    assert len(arrived) == 4


@pytest.mark.postgres
class TestDatabaseAway:
    @pytest.fixture
    def ground(self, tmp_path: Path) -> Iterator[tuple[Ground, PostgreSQL]]:
        """A PostgreSQL of its own, to be killed."""
        with PostgreSQL(fsync=False) as server:
            run = uuid4().hex[:8]
            for name in ("intake", "assignment", "supervision", "notify", "reporting"):
                server.create_database(f"{name}_{run}")
            settings = settings_for(tmp_path, database_url=server.url(f"{{service}}_{run}"))
            with Ground(settings) as ground:
                ground.prepare()
                yield ground, server

    def test_it_says_so_and_recovers(self, ground: tuple[Ground, PostgreSQL]) -> None:
        services, server = ground
        petition = new_petition(services)
        clerk, nobody = services.client("intake", "clerk-1"), services.client("intake", None)
        server.kill()
        answers = [
            clerk.get(f"/api/petitions/{petition['id']}"),
            clerk.post("/api/petitions", json=petition_body()),
            nobody.post("/api/tokens", json={"post": "clerk-1", "password": "zhuxi-demo"}),
        ]
        for answer in answers:
            assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
            assert "try again" in answer.json["detail"]
        page = clerk.get("/ops/parked", headers={"Accept": "text/html"})
        assert (page.status_code, page.mimetype) == (503, "text/html")
        assert nobody.get("/health/live").status_code == 200
        ready = nobody.get("/health/ready")
        assert (ready.status_code, ready.json["status"]) == (503, "database")
        server.start()
        until(lambda: clerk.get(f"/api/petitions/{petition['id']}").status_code == 200, "the database")
        assert clerk.post("/api/petitions", json=petition_body()).status_code == 201
        assert len(clerk.get("/api/petitions").json["items"]) == 2
