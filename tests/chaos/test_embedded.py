"""The one-process mode is killed twenty times (-9) while it imports; nothing is lost, nothing there twice."""

import random
import time
from pathlib import Path

import pytest

from tests.bus.station import until
from tests.chaos.agreement import check_agreement
from tests.chaos.deployment import ROOT, PatientClient, Process
from tests.chaos.sheets import made_sheet
from tests.chaos.test_apart import Importing
from tests.ground import SECRET, Ground, clear_memory_bus, keys_for, settings_for
from tests.processes import free_port

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(400)]
KILLS = 20
ROWS = 1000
SAMPLE = 10


def test_killed_twenty_times(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201
    dice = random.Random(seed)
    port = free_port()
    data = tmp_path / "var"
    environment = {
        "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path), "DATA_DIR": str(data),
        "SECRET_KEY": SECRET, "DEMO": "0",
        "KEYS_DIR": str(keys_for("local")), "MASTER_KEY_FILE": str(keys_for("local") / "master-key"),
    }  # fmt: skip
    command = ["run", "--port", str(port), "--no-demo"]
    process = Process("run", command, environment, tmp_path / "run.log")
    with Ground(settings_for(data)) as ground:
        ground.prepare()
        client = PatientClient(f"http://127.0.0.1:{port}/intake", ground.tokens.of("clerk-1"))
    importing = Importing(client, made_sheet(tmp_path, ROWS))
    process.start()
    try:
        importing.begin()
        for _ in range(KILLS):
            # Now while it starts, now while it works.
            time.sleep(dice.choice([0.2, 1.5, 3, 3.5]) + dice.random())
            process.kill()
            process.start()
        while len(importing.accepted) < SAMPLE:
            importing.accept_some(dice, SAMPLE)
        until(importing.is_done, "the end of the import", 120)
        with Ground(settings_for(data)) as ground:
            until(lambda: not ground.stuck(), "all boxes to be empty", 120)
    finally:
        process.kill()
    clear_memory_bus()
    with Ground(settings_for(data)) as ground:
        check_agreement(ground, ROWS, SAMPLE)
