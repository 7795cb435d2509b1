"""An import is done once and whole, whoever is killed, loses a race or makes a mistake meanwhile."""

import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from services.intake.imports import tasks
from services.intake.imports.models import Import, ImportMark
from services.intake.imports.private import PrivateFolder
from services.intake.imports.rules import Choices
from services.intake.imports.terminal import begin as begin_here
from services.intake.imports.terminal import receive
from services.intake.registration.models import Petition
from services.intake.service import SERVICE
from shared import clock
from shared.db.outbox import Outbox
from shared.runtime.compose import prepare
from shared.runtime.service import Instance
from tests.ground import SECRET, Ground, settings_for
from tests.intake.import_ground import (
    begin,
    counts,
    damaged,
    private_folders,
    result,
    row,
    wait_for,
    work,
    workbook,
)

# A worker like the task of intake, with small portions, that takes over at once what another left.
WORKER = """
import sys, time
from datetime import timedelta
from pathlib import Path
from services.intake.imports import tasks
from services.intake.service import SERVICE
from shared.runtime.service import Instance
from tests.ground import settings_for
tasks.PORTION, tasks.ABANDONED = 20, timedelta(0)
instance = Instance(SERVICE, settings_for(Path(sys.argv[1]), master_key_file=Path(sys.argv[2])))
while True:
    if not tasks.run(instance):
        time.sleep(0.05)
"""


def begun(ground: Ground, count: int) -> dict[str, Any]:
    return begin(ground.client("intake", "clerk-1"), workbook(*map(row, range(count))))


def numbers(instance: Instance) -> list[str]:
    with instance.db.read() as session:
        return list(session.scalars(select(Petition.number).order_by(Petition.number)))


def check_exactly(instance: Instance, count: int) -> None:
    """As many petitions as rows, numbered without gaps, each told once."""
    given = numbers(instance)
    assert [int(number[-6:]) for number in given] == list(range(1, count + 1))
    with instance.db.read() as session:
        sources = Counter(session.scalars(select(Petition.source_number)))
        events = session.scalars(select(Outbox.body)).all()
        marks = session.scalars(select(ImportMark.digest)).all()
    assert len(sources) == count
    assert len(events) == count
    assert len({body[body.index('"number"') :][:30] for body in events}) == count
    assert len(marks) == 2 * count  # the rows and their numbers


@pytest.mark.slow
def test_a_killed_import_resumes_without_loss_or_double(stepped: Ground) -> None:
    count, seed = 300, random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201
    dice = random.Random(seed)
    instance = stepped.instance("intake")
    job = begun(stepped, count)
    before = set(private_folders())

    def state() -> Import:
        with instance.db.read() as session:
            return session.scalars(select(Import)).one()

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", WORKER, str(stepped.settings.data_dir)]
        command.append(str(stepped.settings.master_key_file))
        return subprocess.Popen(command, cwd=Path(__file__).parents[2])

    for _ in range(3):
        since = state()
        worker = start()
        try:
            wait_for(lambda since=since: state().version > since.version or state().state == "done")
            time.sleep(dice.uniform(0, 0.15))
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
    worker = start()
    try:
        wait_for(lambda: state().state == "done")
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    found = result(stepped.client("intake", "clerk-1"), job["id"])
    assert counts(found) == {"registered": count}
    assert found["problems"] == []
    check_exactly(instance, count)
    PrivateFolder().close()  # the next one sweeps away what the killed left
    assert set(private_folders()) <= before


def test_another_workers_import_is_left_alone_while_it_moves(stepped: Ground) -> None:
    instance = stepped.instance("intake")
    with clock.travel(clock.now()) as move:
        begun(stepped, 2 * tasks.PORTION + 1)
        mine, other = tasks.Runner(), tasks.Runner()
        assert mine.step(instance)
        assert not other.step(instance)
        move(tasks.ABANDONED + timedelta(seconds=1))
        assert other.step(instance)  # it takes over
        assert not mine.step(instance)  # and the first, who was only slow, has lost it
        assert other.step(instance)
        other.close()
    check_exactly(instance, 2 * tasks.PORTION + 1)


def test_a_file_is_not_read_again_from_its_beginning(stepped: Ground) -> None:
    begun(stepped, 2 * tasks.PORTION)
    runner = tasks.Runner()
    opened = set()
    while runner.step(stepped.instance("intake")):
        opened.add(id(runner._open))
    assert len(opened - {id(None)}) == 1


def test_a_file_that_is_damaged_further_down_stops_with_what_came_before(stepped: Ground) -> None:
    client = stepped.client("intake", "clerk-1")
    job = begin(client, damaged(300))
    work(stepped)
    stopped = client.get(f"/api/imports/{job['id']}").json
    assert (stopped["state"], counts(stopped)) == ("stopped", {"registered": 299})
    assert "damaged" in stopped["stopped_because"]
    check_exactly(stepped.instance("intake"), 299)


def test_our_own_mistake_stops_the_import_and_it_can_go_on(stepped: Ground) -> None:
    instance, client = stepped.instance("intake"), stepped.client("intake", "clerk-1")
    with instance.db.write() as session:
        session.execute(
            text(
                "CREATE TRIGGER fault BEFORE INSERT ON petition WHEN NEW.source_number = 'T00250' "
                "BEGIN SELECT RAISE(ABORT, 'a fault'); END"
            )
        )
    with clock.travel(clock.now()) as move:
        job = begun(stepped, 300)
        for _ in range(tasks.TRIES):
            work(stepped)
            assert client.get(f"/api/imports/{job['id']}").json["registered"] == tasks.PORTION
            move(tasks.ABANDONED + timedelta(seconds=1))
        stopped = client.get(f"/api/imports/{job['id']}").json
        assert stopped["state"] == "stopped"
        assert f"after row {tasks.PORTION + 1}" in stopped["stopped_because"]
        with instance.db.write() as session:
            session.execute(text("DROP TRIGGER fault"))
        assert client.post(f"/api/imports/{job['id']}/go-on").status_code == 200
        work(stepped)
    assert counts(client.get(f"/api/imports/{job['id']}").json) == {"registered": 300}
    check_exactly(instance, 300)


def test_one_broken_import_does_not_keep_the_others(stepped: Ground) -> None:
    client = stepped.client("intake", "clerk-1")
    first, second = begin(client, damaged(30)), begun(stepped, 2)
    work(stepped)
    assert client.get(f"/api/imports/{first['id']}").json["state"] == "stopped"
    assert client.get(f"/api/imports/{second['id']}").json["state"] == "done"


@pytest.mark.postgres
def test_several_workers_on_postgresql(fresh_database: Callable[[], str], tmp_path: Path) -> None:
    settings = settings_for(tmp_path, database_url=fresh_database())
    assert settings.secret_key == SECRET
    instances = [Instance(SERVICE, settings) for _ in range(3)]
    prepare(instances[0])
    count = 3 * tasks.PORTION + 7
    file = tmp_path / "petitions.xlsx"
    jobs = []
    for n in range(2):  # the same rows in two files, at once
        file.write_bytes(workbook(*map(row, range(count)), *([row(count)] if n else [])))
        with PrivateFolder() as folder:
            received = receive(instances[0], file, folder.path)
            jobs.append(
                begin_here(instances[0], received, by="clerk-1", choose=lambda job: Choices(job.mapping))
            )

    def states() -> list[Import]:
        with instances[0].db.read() as session:
            return list(session.scalars(select(Import)))

    stop = threading.Event()

    def run(instance: Instance) -> None:
        while not stop.is_set():
            if not tasks.run(instance):
                stop.wait(0.05)

    threads = [threading.Thread(target=run, args=(instance,)) for instance in instances]
    for thread in threads:
        thread.start()
    try:
        wait_for(lambda: all(job.state == "done" for job in states()), 120)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    check_exactly(instances[0], count + 1)
    found = states()
    assert sum(job.registered for job in found) == count + 1
    assert sum(job.known for job in found) == count
    for instance in instances:
        instance.db.close()
