"""Workers that write a row in PostgreSQL for each message from RabbitMQ: ours, and the peers.

Each contestant has its queue and its database, and is started, sent messages and asked for its rows alike.
When a row was committed is what PostgreSQL says of its transaction (track_commit_timestamp).
"""

import os
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

from shared import clock
from shared.bus import topology
from shared.bus.confirms import PikaPublisher
from shared.bus.publisher import Outgoing
from shared.contracts import envelope, registry
from shared.contracts.notify import ExtractReadV1, NoticeFailedV1
from shared.contracts.registry import EventSchema
from shared.contracts.supervision import ClockWarnedV1
from shared.identity.keys import make_keys
from shared.runtime.service import Instance
from tests.bench.worker import SERVICE, create_tables
from tests.ground import keys_for, settings_for
from tests.processes import kill_tree
from tests.servers import PostgreSQL, RabbitMQ

HERE = Path(__file__).parent / "peers"
ROOT = Path(__file__).parents[2]
PEERS_PYTHON = ROOT / ".cache/peers/bin/python"
QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "error"]
PATIENCE = 120.0
STOPS_WITHIN = 2.0
PARTNER = "police"  # the agency whose flood is to delay nobody


@dataclass
class Place:
    """The servers, and a database for each contestant."""

    rabbit: RabbitMQ
    postgres: PostgreSQL
    databases: dict[str, str] = field(default_factory=dict)

    def environment(self, name: str) -> dict[str, str]:
        ours = name == HUAJIE.name
        return os.environ | {
            "BROKER": self.rabbit.url if ours else self.rabbit.url.rstrip("/") + "/%2f",
            "DATABASE": self.databases[name],
            "KEYS": str(keys_for("local")),
            "PYTHONPATH": str(ROOT if ours else HERE),
        }


@dataclass(frozen=True)
class Contestant:
    """How a worker is started and how messages are sent to it: so many at once, or so many a second."""

    name: str
    label: str
    work: tuple[str, ...]
    send: Callable[[Place, int, float], None]


@contextmanager
def place() -> Iterator[Place]:
    """RabbitMQ, and a PostgreSQL that remembers when each transaction was committed."""
    with RabbitMQ() as rabbit, PostgreSQL() as postgres:
        with psycopg.connect(_address(postgres.url("postgres")), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
        postgres.restart()
        make_keys(keys_for("local"), PARTNER, [SERVICE.name])
        yield Place(rabbit, postgres)


def _send_by(script: str) -> Callable[[Place, int, float], None]:
    def send(place: Place, count: int, rate: float) -> None:
        name = script.partition("_")[0]
        environment = place.environment(name) | {"COUNT": str(count), "RATE": str(rate)}
        subprocess.run(
            [str(PEERS_PYTHON), str(HERE / f"{script}.py")],
            env=environment, cwd=HERE, check=True, stdout=subprocess.DEVNULL, timeout=300,
        )  # fmt: skip

    return send


def _send_ours(place: Place, count: int, rate: float) -> None:
    publisher = PikaPublisher(place.rabbit.url)
    begun = time.time()
    if not rate:
        publisher.publish([_warning() for _ in range(count)])
    for number in range(count if rate else 0):
        time.sleep(max(0.0, begun + number / rate - time.time()))
        publisher.publish([_warning()])
    publisher.close()


def flood(place: Place, count: int) -> None:
    """So many events of a partner agency, at once."""
    if not count:
        return
    publisher = PikaPublisher(place.rabbit.url)
    read = {"extract_id": uuid4(), "agency": PARTNER, "read_at": clock.now()}
    publisher.publish([_event(ExtractReadV1, PARTNER, read) for _ in range(count)])
    publisher.close()


def _warning() -> Outgoing:
    data = {
        "petition_id": uuid4(),
        "number": "ZX2026-000001",
        "clock_id": uuid4(),
        "duty": "handling",
        "holder": "office-1",
        "due_on": date(2026, 12, 1),
        "days_left": 3,
    }
    return _event(ClockWarnedV1, "local", data)


def _event(schema: type[EventSchema], agency: str, data: dict[str, Any]) -> Outgoing:
    contract = registry.contract_of(schema)
    made = envelope.build(contract, agency=agency, subject=str(uuid4()), data=registry.dump(schema, data))
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


def make_peers_environment() -> None:
    """The peers live apart: what they need may not be what we have."""
    done = PEERS_PYTHON.parents[1] / "done"  # an installation that broke off is begun again
    if not done.exists():
        venv.create(PEERS_PYTHON.parents[1], clear=True, with_pip=True)
        pip = [str(PEERS_PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
        subprocess.run([*pip, "--require-hashes", "-r", str(HERE / "requirements.txt")], check=True)
        done.touch()


def prepare(place: Place, contestant: Contestant) -> None:
    """Make the database and the queues of a contestant."""
    name = contestant.name
    url = place.postgres.create_database(name)
    settings = settings_for(Path(), database_url=url, bus_url=place.rabbit.url)
    instance = Instance(SERVICE, settings)
    create_tables(instance)
    instance.db.close()
    place.databases[name] = url if contestant is HUAJIE else _address(url)
    if contestant is HUAJIE:
        caused = registry.contract_of(NoticeFailedV1).binding_for("local")
        with Connection(place.rabbit.url) as connection:
            topology.declare(connection, "local", SERVICE.name, SERVICE.bindings("local"))
            topology.declare(connection, "local", "reporting", [caused])  # else nobody would want them


@contextmanager
def working(place: Place, contestant: Contestant, workers: int = 1) -> Iterator[None]:
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
                process.wait(STOPS_WITHIN)  # Celery would take ten seconds
            except subprocess.TimeoutExpired:
                kill_tree(process)


def wait_for(place: Place, contestant: Contestant, count: int, agency: str = "local") -> None:
    """Until so many rows of an agency's messages are there. Raises RuntimeError when they do not come."""
    end = time.monotonic() + PATIENCE
    counted = f"SELECT count(*) FROM bench_row WHERE agency = '{agency}'"
    while ask(place, contestant, counted)[0][0] < count:
        if time.monotonic() > end:
            raise RuntimeError(f"{contestant.label} did not finish")
        time.sleep(0.1)


def empty(place: Place, contestant: Contestant) -> None:
    """Begin anew."""
    ask(place, contestant, "TRUNCATE bench_row")
    if contestant is HUAJIE:
        place.rabbit.ctl("purge_queue", topology.inbox_name("local", "reporting"))


def commits(place: Place, contestant: Contestant) -> list[float]:
    """When each row was committed, in seconds, in order."""
    moment = "extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8"
    return [row[0] for row in ask(place, contestant, f"SELECT {moment} FROM bench_row ORDER BY 1")]


def delays(place: Place, contestant: Contestant) -> list[float]:
    """Milliseconds from sending each message of our own agency to the commit of its row."""
    delay = "extract(epoch FROM pg_xact_commit_timestamp(xmin) - sent_at)::float8 * 1000"
    return [r[0] for r in ask(place, contestant, f"SELECT {delay} FROM bench_row WHERE agency = 'local'")]


def ask(place: Place, contestant: Contestant, statement: Any) -> list[Any]:
    """The rows of a query in the contestant's database."""
    with psycopg.connect(_address(place.databases[contestant.name]), autocommit=True) as connection:
        answer = connection.execute(statement)
        return answer.fetchall() if answer.description else []


def _address(url: str) -> str:
    return url.replace("+psycopg", "")
