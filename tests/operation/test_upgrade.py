"""An upgrade under load, one process after another: old and new stand beside each other on one database.

The new version is made here from this tree: an optional field more in an event, a nullable column more.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from services import all_services
from shared.contracts import envelope
from tests.bus.station import until
from tests.chaos.agreement import check_agreement
from tests.chaos.deployment import ROOT, Deployment
from tests.ground import Ground, settings_for
from tests.operation.load import Load
from tests.operation.test_restore import states
from tests.servers import PostgreSQL, RabbitMQ

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]
NAMES = [service.name for service in all_services()]
MIGRATION = """
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "ffff00000001", "{head}", None, None


def upgrade() -> None:
    op.add_column("petition", sa.Column("wave", sa.String(16), nullable=True))


def downgrade() -> None:
    op.drop_column("petition", "wave")
"""


@pytest.fixture
def servers() -> Iterator[tuple[PostgreSQL, RabbitMQ]]:
    with PostgreSQL() as postgres, RabbitMQ() as rabbit:
        yield postgres, rabbit


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The tree of the next version."""
    root = tmp_path / "newer"
    for folder in ("shared", "services"):
        leave_out = shutil.ignore_patterns("__pycache__", "node_modules", "vendor")
        shutil.copytree(ROOT / folder, root / folder, ignore=leave_out)
    for folder in ("node_modules", "vendor"):
        (root / "shared" / "web" / folder).symlink_to((ROOT / "shared" / "web" / folder).resolve())
    change(
        root / "shared" / "contracts" / "intake.py",
        '    channel = f.choice("How it arrived", CHANNELS)\n',
        '    channel = f.choice("How it arrived", CHANNELS)\n    wave = f.code("New", required=False)\n',
    )
    change(
        root / "services" / "intake" / "registration" / "commands.py",
        "        channel=petition.channel,\n        organ=petition.organ,\n",
        '        wave="second",\n        channel=petition.channel,\n        organ=petition.organ,\n',
    )
    change(
        root / "services" / "intake" / "registration" / "models.py",
        '    __tablename__ = "petition"\n',
        '    __tablename__ = "petition"\n\n    wave: Mapped[str | None] = mapped_column(String(16))\n',
    )
    migrations = root / "services" / "intake" / "migrations"
    first = next(migrations.glob("2*.py")).read_text("utf-8")
    head = first.partition('revision = "')[2].partition('"')[0]
    (migrations / "20991231_wave.py").write_text(MIGRATION.format(head=head))
    return root


def change(file: Path, before: str, after: str) -> None:
    text = file.read_text("utf-8")
    assert text.count(before) == 1, f"{file.name} has changed: mend this test"
    file.write_text(text.replace(before, after), "utf-8")


def asking(deployment: Deployment) -> Callable[[str, str, dict[str, Any]], tuple[int, Any]]:
    client = deployment.client("intake", "clerk-1")

    def ask(method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        answer = client.ask(method, path, json=body)
        return answer.status_code, answer.json()

    return ask


def restart(deployment: Deployment, name: str, root: Path) -> None:
    """End a process in order, and start it with other code."""
    process = deployment.processes[name]
    assert process.end() == 0, process.log.read_text()[-2000:]
    process.root = root
    process.start()
    kind, _blank, service = name.partition(" ")
    if kind == "web":
        until(lambda: deployment.answers(service), name, 60)


def waves(ground: Ground) -> list[str | None]:
    return [event.data.get("wave") for event in _registered(ground)]


def _registered(ground: Ground) -> list[envelope.Envelope]:
    return ground.outbox("intake", "intake.petition.registered.v1")


def test_old_and_new_beside_each_other(
    servers: tuple[PostgreSQL, RabbitMQ], newer: Path, tmp_path: Path
) -> None:
    postgres, rabbit = servers
    run = uuid4().hex[:8]
    for name in NAMES:
        postgres.create_database(f"{name}_{run}")
    database_url = postgres.url(f"{{service}}_{run}")
    deployment = Deployment(NAMES, database_url, rabbit.url, tmp_path)
    settings = settings_for(tmp_path, database_url=database_url, bus_url=rabbit.url)
    with deployment, Ground(settings) as ground:

        def more(load: Load, count: int) -> None:
            wanted = len(load.registered) + count
            until(lambda: len(load.registered) >= wanted or load.failed, "petitions", 120)

        with Load([asking(deployment) for _ in range(2)]) as load:
            more(load, 10)
            migrate(deployment, newer)
            more(load, 10)  # old processes on the new database
            for service in ("reporting", "intake"):  # a new hearer of an old producer, then both mixed
                restart(deployment, f"worker {service}", newer)
            more(load, 10)
            restart(deployment, "web intake", newer)  # a new producer before the old hearers
            more(load, 10)
            for name in deployment.processes:
                if deployment.processes[name].root != newer:
                    restart(deployment, name, newer)
            more(load, 10)
        assert not load.failed, load.failed
        ground.settle(180)
        there = states(ground)
        assert len(there) == len(load.registered), "an answer was lost: what was in hand was not finished"
        check_agreement(ground, len(there), sum(state == "accepted" for state in there.values()))
        assert {None, "second"} == set(waves(ground))
        with ground.instance("intake").db.read() as session:
            assert session.scalar(text("SELECT count(*) FROM petition WHERE wave IS NULL")) == len(there)


def migrate(deployment: Deployment, root: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "shared.runtime", "migrate"],
        cwd=root, env=deployment.environment | {"PYTHONPATH": str(root)},
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
