"""1,900 petitions are imported while everything is killed: five services on PostgreSQL and RabbitMQ.

At the end every service agrees on all of them, and nothing is there twice.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services import all_services
from tests.bus.station import until
from tests.chaos.agreement import check_agreement
from tests.chaos.deployment import Deployment, PatientClient
from tests.chaos.sheets import ROWS, sheet_of_1900
from tests.ground import Ground, settings_for
from tests.servers import PostgreSQL, RabbitMQ

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]
NAMES = [service.name for service in all_services()]
SAMPLE = 40  # petitions that are accepted meanwhile


@pytest.fixture
def servers() -> Iterator[tuple[PostgreSQL, RabbitMQ]]:
    with PostgreSQL() as postgres, RabbitMQ() as rabbit:
        yield postgres, rabbit


def plan_of(
    dice: random.Random, deployment: Deployment, postgres: PostgreSQL, rabbit: RabbitMQ
) -> list[tuple[str, Callable[[], None]]]:
    """What is done to whom, shuffled: each process is killed twice, each server suffers twice."""

    def kill(name: str) -> Callable[[], None]:
        def act() -> None:
            deployment.processes[name].kill()
            time.sleep(dice.random())
            deployment.processes[name].start()

        return act

    def lose_the_broker() -> None:
        rabbit.kill()
        rabbit.wipe()
        time.sleep(dice.random() * 3)
        rabbit.start()

    def restart_the_database() -> None:
        postgres.kill() if dice.random() < 0.5 else postgres.stop()
        time.sleep(dice.random())
        postgres.start()

    plan = [(f"kill {name}", kill(name)) for name in deployment.processes] * 2
    plan += [("lose RabbitMQ", lose_the_broker), ("restart PostgreSQL", restart_the_database)] * 2
    dice.shuffle(plan)
    return plan


class Importing:
    """The clerk at work: uploads, confirms the columns, accepts a sample, through every outage."""

    def __init__(self, client: PatientClient, sheet: Path) -> None:
        self._client, self._sheet = client, sheet
        self.accepted: set[str] = set()
        self.job: dict[str, Any] = {}

    def begin(self) -> None:
        files = {"file": (self._sheet.name, self._sheet.read_bytes())}
        answer = self._client.ask("POST", "/api/imports", files=files)
        assert answer.status_code == 201, answer.text
        job = answer.json()
        choices = {"mapping": job["mapping"], "version": job["version"], "default_received_on": "2026-03-02"}
        answer = self._client.ask("PUT", f"/api/imports/{job['id']}/mapping", json=choices)
        assert answer.status_code == 200, answer.text
        self.job = answer.json()

    def is_done(self) -> bool:
        self.job = self._client.ask("GET", f"/api/imports/{self.job['id']}").json()
        if self.job["state"] == "stopped":  # an outage outlasted its tries; the clerk lets it go on
            self._client.ask("POST", f"/api/imports/{self.job['id']}/go-on")
        return bool(self.job["state"] == "done")

    def accept_some(self, dice: random.Random, wanted: int) -> None:
        arguments = {"state": "registered", "limit": 50}
        page = self._client.ask("GET", "/api/petitions", params=arguments).json()["items"]
        for row in dice.sample(page, min(len(page), wanted - len(self.accepted), 5)):
            decision = {"version": row["version"], "category": "suggestion", "township": "420324100"}
            answer = self._client.ask("POST", f"/api/petitions/{row['id']}/accept", json=decision)
            # 409: it was done, and only the answer was lost in an outage.
            assert answer.status_code in (200, 409), answer.text
            self.accepted.add(row["id"])


def test_nothing_is_lost(servers: tuple[PostgreSQL, RabbitMQ], tmp_path: Path) -> None:
    postgres, rabbit = servers
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201
    dice = random.Random(seed)
    run = uuid4().hex[:8]
    for name in NAMES:
        postgres.create_database(f"{name}_{run}")
    database_url = postgres.url(f"{{service}}_{run}")
    with Deployment(NAMES, database_url, rabbit.url, tmp_path) as deployment:
        importing = Importing(deployment.client("intake", "clerk-1"), sheet_of_1900(tmp_path))
        importing.begin()
        plan = plan_of(dice, deployment, postgres, rabbit)
        chaos = threading.Thread(target=_carry_out, args=(plan, dice.randrange(10**6), deployment))
        chaos.start()
        while chaos.is_alive():
            importing.is_done()
            if len(importing.accepted) < SAMPLE:
                importing.accept_some(dice, SAMPLE)
            time.sleep(0.5)
        until(importing.is_done, "the end of the import", 120)
        while len(importing.accepted) < SAMPLE:
            importing.accept_some(dice, SAMPLE)
        assert (importing.job["registered"], importing.job["refused"]) == (ROWS, 0)
        settings = settings_for(tmp_path, database_url=database_url, bus_url=rabbit.url)
        with Ground(settings) as ground:
            ground.settle(180)
            check_agreement(ground, ROWS, SAMPLE)


def _carry_out(plan: list[tuple[str, Callable[[], None]]], seed: int, deployment: Deployment) -> None:
    dice = random.Random(seed)
    for what, act in plan:
        time.sleep(dice.random() * 2)
        print(f"{time.strftime('%H:%M:%S')} {what}")  # noqa: T201
        act()
        deployment.restart_those_that_left()
