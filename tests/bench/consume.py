"""A message in RabbitMQ to one row in PostgreSQL, one worker. Ours with inbox, outbox and relay, so that each
row and the event that it causes are there exactly once; the peers without. All by the database's clock.

Throughput: 3,000 messages wait before the worker starts; of the rows, the tenths from the second to the
last count. Latency: from sending to the row, 90 messages a second for 15 seconds. Five rounds in turns.
Peers, each as its documentation recommends for speed (tests/bench/peers): Celery 5.7, acks_late, quorum
queue, solo pool, prefetch 50, no results, no gossip, mingle or heartbeat; Dramatiq 2.2, classic queue, one
process, eight threads; FastStream 0.7, quorum queue, prefetch 50, a pool of ten connections; and a consumer
written by hand with kombu, quorum queue, prefetch 50, a transaction for each message.
"""

import os
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from kombu import Connection

from shared.bus import topology
from shared.bus.confirms import PikaPublisher
from shared.bus.publisher import Outgoing
from shared.contracts import envelope, registry
from shared.contracts.supervision import ClockWarnedV1
from shared.runtime.service import Instance
from tests.bench.figures import Figure, ratio
from tests.bench.worker import SERVICE, create_tables
from tests.ground import settings_for
from tests.processes import kill_tree
from tests.servers import PostgreSQL, RabbitMQ

HERE = Path(__file__).parent / "peers"
ROOT = Path(__file__).parents[2]
PEERS_PYTHON = ROOT / ".cache/peers/bin/python"
ROUNDS, WAITING, PACED, A_SECOND = 5, 3_000, 1_350, 90.0
QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "error"]


@dataclass
class Place:
    """The servers, and a database for each contestant."""

    rabbit: RabbitMQ
    postgres: PostgreSQL
    databases: dict[str, str] = field(default_factory=dict)

    def environment(self, name: str) -> dict[str, str]:
        return os.environ | {
            "BROKER": self.rabbit.url if name == "huajie" else self.rabbit.url.rstrip("/") + "/%2f",
            "DATABASE": self.databases[name],
            "PYTHONPATH": str(ROOT if name == "huajie" else HERE),
        }


@dataclass(frozen=True)
class Contestant:
    """How a worker is started and how messages are sent to it."""

    name: str
    label: str
    work: tuple[str, ...]
    send: Callable[[Place, int, float], None]


def _send_by(script: str) -> Callable[[Place, int, float], None]:
    def send(place: Place, count: int, rate: float) -> None:
        name = script.partition("_")[0]
        environment = place.environment(name) | {"COUNT": str(count), "RATE": str(rate)}
        subprocess.run(
            [str(PEERS_PYTHON), str(HERE / f"{script}.py")],
            env=environment, cwd=HERE, check=True, capture_output=True, timeout=300,
        )  # fmt: skip

    return send


def _send_ours(place: Place, count: int, rate: float) -> None:
    publisher = PikaPublisher(place.rabbit.url)
    begun = time.time()
    if not rate:
        publisher.publish([_event() for _ in range(count)])
    for number in range(count if rate else 0):
        time.sleep(max(0.0, begun + number / rate - time.time()))
        publisher.publish([_event()])
    publisher.close()


def _event() -> Outgoing:
    made = envelope.build(
        registry.contract_of(ClockWarnedV1),
        agency="local",
        subject=str(uuid4()),
        data=registry.dump(
            ClockWarnedV1,
            {
                "petition_id": uuid4(),
                "number": "ZX2026-000001",
                "clock_id": uuid4(),
                "duty": "handling",
                "holder": "office-1",
                "due_on": date(2026, 12, 1),
                "days_left": 3,
            },
        ),
    )
    return Outgoing(made.id, made.type, made.to_json())


def _peer(*command: str) -> tuple[str, ...]:
    return (str(PEERS_PYTHON), *command)


HUAJIE = Contestant("huajie", "Huajie", (sys.executable, "-m", "tests.bench.worker"), _send_ours)
PEERS = (
    Contestant(
        "celery",
        "Celery",
        _peer("-m", "celery", "-A", "celery_app", "worker", "-P", "solo", *QUIET),
        _send_by("celery_app"),
    ),
    Contestant(
        "dramatiq",
        "Dramatiq",
        _peer("-m", "dramatiq", "dramatiq_app", "--processes", "1", "--threads", "8"),
        _send_by("dramatiq_app"),
    ),
    Contestant(
        "faststream",
        "FastStream",
        _peer("faststream_app.py", "work"),
        _send_by("faststream_app"),
    ),
    Contestant("kombu", "kombu by hand", _peer("kombu_loop.py", "work"), _send_by("kombu_loop")),
)


def measure() -> list[Figure]:
    make_peers_environment()
    through: dict[str, list[float]] = {c.name: [] for c in (HUAJIE, *PEERS)}
    middle: dict[str, list[float]] = {c.name: [] for c in (HUAJIE, *PEERS)}
    slow: dict[str, list[float]] = {c.name: [] for c in (HUAJIE, *PEERS)}
    with RabbitMQ() as rabbit, PostgreSQL() as postgres:
        place = Place(rabbit, postgres)
        for contestant in (HUAJIE, *PEERS):
            prepare(place, contestant)
        for _round in range(ROUNDS):
            for contestant in (HUAJIE, *PEERS):
                name = contestant.name
                through[name].append(throughput(place, contestant))
                p50, p99 = latency(place, contestant)
                middle[name].append(p50)
                slow[name].append(p99)
    return _figures(through, middle, slow)


def _figures(
    through: dict[str, list[float]], middle: dict[str, list[float]], slow: dict[str, list[float]]
) -> list[Figure]:
    figures = []
    for contestant in (HUAJIE, *PEERS):
        name, label = contestant.name, contestant.label
        figures.append(Figure(f"{label}: throughput", "messages/s", through[name]))
        figures.append(Figure(f"{label}: latency, p50", "ms", middle[name]))
        figures.append(Figure(f"{label}: latency, p99", "ms", slow[name]))
    ours = Figure("", "", through["huajie"])
    aims = {"celery": "≥ 2", "faststream": "≥ 2"}
    for peer in PEERS:
        theirs = Figure("", "", through[peer.name])
        figures.append(ratio(f"Huajie / {peer.label}, throughput", ours, theirs, aims.get(peer.name, "")))
    return figures


def make_peers_environment() -> None:
    """The peers live apart: what they need may not be what we have."""
    if not PEERS_PYTHON.exists():
        venv.create(PEERS_PYTHON.parents[1], with_pip=True)
        pip = [str(PEERS_PYTHON), "-m", "pip", "install", "-q", "--require-hashes", "-r"]
        subprocess.run([*pip, str(HERE / "requirements.txt")], check=True, timeout=600)


def prepare(place: Place, contestant: Contestant) -> None:
    """Make the database and the queue of a contestant."""
    name = contestant.name
    url = place.postgres.create_database(name)
    settings = settings_for(Path(), database_url=url, bus_url=place.rabbit.url)
    instance = Instance(SERVICE, settings)
    create_tables(instance)
    instance.db.close()
    place.databases[name] = url if name == "huajie" else url.replace("+psycopg", "")
    if name == "huajie":
        with Connection(place.rabbit.url) as connection:
            topology.declare(connection, "local", SERVICE.name, SERVICE.bindings)


def throughput(place: Place, contestant: Contestant, workers: int = 1) -> float:
    """Rows a second once the workers are warm: of the rows in their order, without the first tenth."""
    _empty(place, contestant)
    contestant.send(place, WAITING, 0.0)
    with working(place, contestant, workers):
        _wait_for(place, contestant, WAITING)
    [times] = _ask(
        place,
        contestant,
        "SELECT array_agg(extract(epoch FROM at)::float8 ORDER BY at) FROM bench_row",
    )
    moments: list[float] = times[0]
    first = len(moments) // 10
    return (len(moments) - 1 - first) / (moments[-1] - moments[first])


def latency(place: Place, contestant: Contestant) -> tuple[float, float]:
    """Milliseconds from sending to the row: p50 and p99."""
    _empty(place, contestant)
    with working(place, contestant, 1):
        contestant.send(place, 50, 0.0)  # it is up when these are done
        _wait_for(place, contestant, 50)
        _empty(place, contestant)
        contestant.send(place, PACED, A_SECOND)
        _wait_for(place, contestant, PACED)
    rows = _ask(place, contestant, "SELECT extract(epoch FROM at - sent_at)::float8 * 1000 FROM bench_row")
    values = sorted(row[0] for row in rows)
    return statistics.median(values), values[int(len(values) * 0.99)]


@contextmanager
def working(place: Place, contestant: Contestant, workers: int) -> Iterator[None]:
    """So many worker processes, ended when no longer needed."""
    started = [
        subprocess.Popen(
            contestant.work,
            env=place.environment(contestant.name),
            cwd=ROOT if contestant is HUAJIE else HERE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for _ in range(workers)
    ]
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                kill_tree(process)


def _wait_for(place: Place, contestant: Contestant, count: int, seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while _ask(place, contestant, "SELECT count(*) FROM bench_row")[0][0] < count:
        if time.monotonic() > end:
            raise RuntimeError(f"{contestant.label} did not finish")
        time.sleep(0.1)


def _empty(place: Place, contestant: Contestant) -> None:
    _ask(place, contestant, "TRUNCATE bench_row")


def _ask(place: Place, contestant: Contestant, statement: Any) -> list[Any]:
    address = place.databases[contestant.name].replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        answer = connection.execute(statement)
        return answer.fetchall() if answer.description else []
