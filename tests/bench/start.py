"""`huajie run` on an empty folder: seconds until it says that it is ready, until the sample is imported and
counted on the board, and the memory of the one process with all five services (proportional set size of
gunicorn's two processes), two seconds later.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.bench.figures import Figure
from tests.processes import free_port

METRICS_TOKEN = "a token of the benchmark"
ROUNDS = 5


def measure() -> list[Figure]:
    ready, counted, memory, wakes = [], [], [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as directory:
            first, second, third, fourth = _once(directory)
            ready.append(first)
            counted.append(second)
            memory.append(third)
            wakes.append(fourth)
    return [
        Figure("ready", "s", ready, "≤ 5"),
        Figure("sample imported and on the board", "s", counted),
        Figure("memory, all five together", "MB", memory, "< 350"),
        Figure("context switches a second, idle", "1/s", wakes),
    ]


def _once(directory: str) -> tuple[float, float, float, float]:
    port = free_port()
    environment = os.environ | {
        "DATA_DIR": directory, "PYTHONUNBUFFERED": "1", "RATE_PER_POST": "0", "METRICS_TOKEN": METRICS_TOKEN,
    }  # fmt: skip
    command = [str(Path(sys.executable).parent / "huajie"), "run", "--port", str(port)]
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        while "Ready" not in process.stdout.readline():
            pass
        ready = time.perf_counter() - began
        counted = _until_counted(port, began)
        time.sleep(2)
        before = sum(_switches(pid) for pid in _tree(process.pid))
        time.sleep(5)
        wakes = (sum(_switches(pid) for pid in _tree(process.pid)) - before) / 5
        return ready, counted, sum(_memory(pid) for pid in _tree(process.pid)), wakes
    finally:
        process.terminate()
        process.wait(30)


def _until_counted(port: int, began: float) -> float:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        answer = client.post("/intake/api/tokens", json={"post": "head", "password": "zhuxi-demo"})
        headers = {"Authorization": f"Bearer {answer.json()['token']}"}
        total = -1
        while True:
            waiting = sum(_waiting(client, name) for name in ("intake", "reporting"))
            rows = client.get("/reporting/api/board", headers=headers).json()["totals"]["registered"]
            if rows and rows == total and not waiting:
                return time.perf_counter() - began
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


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _tree(int(child)))]


def _memory(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024


def _switches(pid: int) -> int:
    count = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        for line in (task / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                count += int(line.split()[1])
    return count
