"""`huajie run` on an empty folder: seconds until it says that it is ready, until the sample is imported and
all that it caused is done; then, once it is idle, the memory of the one process with all five services and
how often a second its threads wake (voluntary context switches).

And each service by itself, side by side on RabbitMQ and PostgreSQL, idle: its web process (one gunicorn
worker) and its worker process. Memory is the proportional set size of a process with its children; what
several share counts in parts. Five times; of the services' own processes five readings of one run.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from shared.runtime.compose import DEMO_PASSWORD
from shared.web.app import SERVICE_NAMES
from tests.bench.figures import ROUNDS, Figure, amount
from tests.chaos.deployment import ROOT, Deployment
from tests.processes import free_port
from tests.servers import PostgreSQL, RabbitMQ

METRICS_TOKEN = "a token of the benchmark"
CALM = amount(8, 2)  # seconds after which started services are idle
WATCHED = amount(2, 1)  # seconds in which their wake-ups are counted


@dataclass(frozen=True)
class Running:
    """A `huajie run` that is ready, `ready` seconds after it `began` (by time.perf_counter)."""

    pid: int
    port: int
    began: float
    ready: float


def measure() -> list[Figure]:
    ready, counted, memory, wakes = [], [], [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as directory, embedded(directory) as running:
            ready.append(running.ready)
            counted.append(until_counted(running))
            time.sleep(2)
            wakes.append(_wakes([running.pid])[0])
            memory.append(_memory(running.pid))
    return [
        Figure("ready", "s", ready, "≤ 5"),
        Figure("sample imported, on the board and digested", "s", counted),
        Figure("memory, all five together", "MB", memory, "< 350"),
        Figure("wake-ups, all five together, idle", "1/s", wakes),
        *_apart(),
    ]


def _apart() -> list[Figure]:
    """Each process of each service."""
    with tempfile.TemporaryDirectory() as name, PostgreSQL() as postgres, RabbitMQ() as rabbit:
        for service in SERVICE_NAMES:
            postgres.create_database(service)
        with Deployment(
            list(SERVICE_NAMES), postgres.url("{service}"), rabbit.url, Path(name), CATCH_UP_SECONDS="60"
        ) as deployment:
            time.sleep(CALM)
            pids = [process.pid for process in deployment.processes.values()]
            wakes = [_wakes(pids) for _ in range(ROUNDS)]
            memory = [[_memory(pid) for pid in pids] for _ in range(ROUNDS)]
            names = list(deployment.processes)
    return [
        figure
        for place, process in enumerate(names)
        for figure in (
            Figure(f"memory, {process}", "MB", [each[place] for each in memory]),
            Figure(f"wake-ups, {process}, idle", "1/s", [each[place] for each in wakes]),
        )
    ]


@contextmanager
def embedded(directory: str) -> Iterator[Running]:
    """`huajie run` on a folder, without limits of rates, until the block ends."""
    port = free_port()
    environment = os.environ | {
        "DATA_DIR": directory,
        "METRICS_TOKEN": METRICS_TOKEN,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "RATE_PER_POST": "0",
    }
    command = [sys.executable, "-m", "shared.runtime", "run", "--port", str(port)]
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        while "Ready" not in (line := process.stdout.readline()):
            assert line, "it ended before it was ready"
        yield Running(process.pid, port, began, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait(30)


def signed_in(port: int, post: str) -> str:
    """The token of a post of the demo."""
    body = {"post": post, "password": DEMO_PASSWORD}
    answer = httpx.post(f"http://127.0.0.1:{port}/intake/api/tokens", json=body, timeout=10)
    token: str = answer.raise_for_status().json()["token"]
    return token


def until_counted(running: Running) -> float:
    """Seconds from its beginning until the whole sample is on the board, and no event waits anywhere."""
    headers = {"Authorization": f"Bearer {signed_in(running.port, 'head')}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{running.port}", timeout=10) as client:
        total = -1
        while True:
            waiting = sum(_waiting(client, name) for name in SERVICE_NAMES)
            rows = client.get("/reporting/api/board", headers=headers).json()["totals"]["registered"]
            if rows and rows == total and not waiting:
                return time.perf_counter() - running.began
            total = rows
            time.sleep(0.1)


def _waiting(client: httpx.Client, name: str) -> float:
    told = client.get(f"/{name}/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}).text
    lines = [
        line
        for line in told.splitlines()
        if line.startswith(("huajie_outbox_waiting", "huajie_inbox_waiting"))
    ]
    return sum(float(line.split()[-1]) for line in lines)


def _wakes(pids: list[int]) -> list[float]:
    """Wake-ups a second of each process with its children."""
    before = [_switches(pid) for pid in pids]
    time.sleep(WATCHED)
    return [(_switches(pid) - known) / WATCHED for pid, known in zip(pids, before, strict=True)]


def _memory(pid: int) -> float:
    """MB of a process with its children."""
    return sum(_pss(each) for each in _tree(pid)) / 1024


def _switches(pid: int) -> int:
    tasks = [task for each in _tree(pid) for task in Path(f"/proc/{each}/task").iterdir()]
    return sum(_number(task / "status", "voluntary_ctxt_switches:") for task in tasks)


def _pss(pid: int) -> int:
    return _number(Path(f"/proc/{pid}/smaps_rollup"), "Pss:")


def _number(file: Path, name: str) -> int:
    return next(int(line.split()[1]) for line in file.read_text().splitlines() if line.startswith(name))


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _tree(int(child)))]
