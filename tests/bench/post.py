"""`POST` of a petition with a bearer token at the real intake (validation, sealed identity, number, query
code, ledger and outbox in one transaction), and at a bare Flask route with one insert by psycopg. Both on
the same gunicorn settings (one worker, four threads) and the same PostgreSQL; limits of rates are off. Eight
threads, each with a connection that it keeps, send for two seconds after one to get warm; in turns, five
times.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from shared.web.app import SERVICE_NAMES
from tests.bench.client import HOST, Sender
from tests.bench.figures import ROUNDS, Figure, amount, percentile, ratio
from tests.chaos.deployment import ROOT, Deployment
from tests.processes import free_port, kill_tree, wait_until
from tests.servers import PostgreSQL

SECONDS = amount(2, 2)
NO_BUS = "amqp://guest:guest@127.0.0.1:9//"  # a web process needs none


def measure() -> list[Figure]:
    rates: dict[str, list[float]] = {"intake": [], "bare": []}
    taken: dict[str, list[float]] = {"intake": [], "bare": []}
    with tempfile.TemporaryDirectory() as name, PostgreSQL() as server:
        for database in (*SERVICE_NAMES, "bare"):
            server.create_database(database)
        with _intake(server, Path(name)) as intake, _bare(server) as port:
            token = intake.token("clerk-1")
            for _round in range(ROUNDS):
                ours = Sender(intake.ports["intake"], "/api/petitions", token)
                theirs = Sender(port, "/petitions")
                for kind, sender in (("intake", ours), ("bare", theirs)):
                    sender.for_seconds(1)
                    sender.took.clear()
                    rates[kind].append(sender.for_seconds(SECONDS))
                    taken[kind].extend(sender.took)
    figures = [
        Figure("POST of a petition", "requests/s", rates["intake"]),
        Figure("bare route, one insert", "requests/s", rates["bare"]),
    ]
    by_bare = ratio("petition / bare route", figures[0], figures[1], "≥ 0.6")
    return [*figures, by_bare, *_latencies(taken)]


def _latencies(taken: dict[str, list[float]]) -> list[Figure]:
    labels = {"intake": "POST of a petition", "bare": "bare route"}
    return [
        Figure(f"{labels[kind]}: {name}", "ms", [value])
        for kind, readings in taken.items()
        for name, value in (("p50", statistics.median(readings)), ("p99", percentile(readings, 99)))
    ]


@contextmanager
def _intake(server: PostgreSQL, directory: Path) -> Iterator[Deployment]:
    """The web process of intake alone: its worker would take from what is measured."""
    url = server.url("{service}")
    deployment = Deployment(["intake"], url, NO_BUS, directory, RATE_PER_POST="0", LOG_LEVEL="WARNING")
    deployment.processes.pop("worker intake")
    with deployment:
        yield deployment


@contextmanager
def _bare(server: PostgreSQL) -> Iterator[int]:
    port = free_port()
    environment = os.environ | {
        "DATABASE": server.url("bare").replace("+psycopg", ""),
        "PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "tests.bench.peers.bare_flask"]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True)
    try:
        assert wait_until(lambda: _answers(port), 60), "the bare route does not answer"
        yield port
    finally:
        kill_tree(process)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://{HOST}:{port}/health/live", timeout=5).is_success
    except httpx.HTTPError:
        return False
