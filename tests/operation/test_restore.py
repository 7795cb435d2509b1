"""The trial of the backup: five services under load on PostgreSQL and RabbitMQ, everything lost, restored.

All that was acknowledged before the backup is there in all services, and they agree; the load goes on.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from services import all_services
from tests.bus.station import until
from tests.chaos.agreement import check_agreement
from tests.chaos.deployment import ROOT, Deployment
from tests.ground import Ground, settings_for
from tests.operation.load import Load
from tests.operation.moment import check_one_moment
from tests.servers import PostgreSQL, RabbitMQ

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]
NAMES = [service.name for service in all_services()]
CLERKS = 3
BEFORE, AFTER = 60, 30  # petitions registered before the backup is begun, and after it has ended


@pytest.fixture
def servers() -> Iterator[tuple[PostgreSQL, RabbitMQ]]:
    with PostgreSQL() as postgres, RabbitMQ() as rabbit:
        yield postgres, rabbit


def asking(deployment: Deployment) -> Callable[[str, str, dict[str, Any]], tuple[int, Any]]:
    client = deployment.client("intake", "clerk-1")

    def ask(method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        answer = client.ask(method, path, json=body)
        return answer.status_code, answer.json()

    return ask


def operate(deployment: Deployment, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command as the operator gives it."""
    return subprocess.run(
        [sys.executable, "-m", "shared.runtime", *arguments],
        cwd=ROOT, env=deployment.environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def states(ground: Ground) -> dict[str, str]:
    with ground.instance("intake").db.read() as session:
        return {str(id_): state for id_, state in session.execute(text("SELECT id, state FROM petition"))}


def test_everything_acknowledged_is_there(servers: tuple[PostgreSQL, RabbitMQ], tmp_path: Path) -> None:
    postgres, rabbit = servers
    run = uuid4().hex[:8]
    for name in NAMES:
        postgres.create_database(f"{name}_{run}")
    database_url = postgres.url(f"{{service}}_{run}")
    folder = tmp_path / "backup"
    deployment = Deployment(NAMES, database_url, rabbit.url, tmp_path)
    with deployment:
        with Load([asking(deployment) for _ in range(CLERKS)]) as load:
            until(lambda: len(load.registered) >= BEFORE, "petitions before the backup", 120)
            registered, accepted = load.acknowledged()
            done = operate(deployment, "backup", str(folder))
            assert done.returncode == 0, done.stderr
            after = len(load.registered)
            until(lambda: len(load.registered) >= after + AFTER, "petitions after the backup", 120)
        assert not load.failed, load.failed
        assert after > len(registered), "nothing was registered while the backup was taken"
        refused = operate(deployment, "restore", "--replace", str(folder))
        assert refused.returncode == 1
        assert "in use" in refused.stderr
    lose_everything(postgres, rabbit, run)
    restored = operate(deployment, "restore", str(folder))
    assert restored.returncode == 0, restored.stderr
    settings = settings_for(tmp_path, database_url=database_url, bus_url=rabbit.url)
    with Ground(settings) as ground:
        assert check_one_moment(ground) > 0
        there = states(ground)
        assert registered.keys() <= there.keys(), "an acknowledged petition is lost"
        assert {id_ for id_ in accepted if there[id_] != "accepted"} == set(), "an acknowledged step is lost"
        with deployment:
            ground.settle(180)
            count = len(there)
            check_agreement(ground, count, sum(state == "accepted" for state in there.values()))
            with Load([asking(deployment)]) as load:
                until(lambda: len(load.registered) >= 10, "petitions after the restore", 120)
            assert not load.failed, load.failed
            ground.settle(180)
            there = states(ground)
            check_agreement(ground, len(there), sum(state == "accepted" for state in there.values()))
            assert count + len(load.registered) == len(there)


def lose_everything(postgres: PostgreSQL, rabbit: RabbitMQ, run: str) -> None:
    """All five databases and the broker's disk."""
    rabbit.kill()
    rabbit.wipe()
    rabbit.start()
    for name in NAMES:
        postgres.drop_database(f"{name}_{run}")
        postgres.create_database(f"{name}_{run}")


def test_what_waits_in_the_queues_is_newer_and_is_removed(
    servers: tuple[PostgreSQL, RabbitMQ], tmp_path: Path
) -> None:
    """Only the databases are put back: a message of a petition that is lost with them must not arrive."""
    postgres, rabbit = servers
    run = uuid4().hex[:8]
    for name in NAMES:
        postgres.create_database(f"{name}_{run}")
    database_url = postgres.url(f"{{service}}_{run}")
    deployment = Deployment(NAMES, database_url, rabbit.url, tmp_path)
    settings = settings_for(tmp_path, database_url=database_url, bus_url=rabbit.url)
    body = {
        "channel": "letter",
        "organ": "commission",
        "title": "t",
        "text": "x",
        "received_on": "2026-03-02",
    }
    with Ground(settings) as ground:
        with deployment:
            ask = asking(deployment)
            ask("POST", "/api/petitions", body)
            ground.settle(120)
            assert operate(deployment, "backup", str(tmp_path / "backup")).returncode == 0
            deployment.processes["worker supervision"].kill()
            ask("POST", "/api/petitions", body)
            until(
                lambda: "local.supervision.inbox\t0" not in rabbit.ctl("list_queues", "name", "messages"),
                "a message that waits in a queue",
                60,
            )
        for instance in ground.composed.instances.values():
            instance.db.close()
        done = operate(deployment, "restore", "--replace", str(tmp_path / "backup"))
        assert done.returncode == 0, done.stderr
        assert "0 messages removed" not in done.stdout
        with deployment:
            ground.settle(120)
            check_agreement(ground, 1, 0)
