"""From sending the `POST` of a petition until it is counted on the board: 5 petitions a second for 20
seconds, then 50 a second for a minute. Apart (the web and worker processes of all five services on RabbitMQ
and PostgreSQL) and embedded (`huajie run`, one process on SQLite). One run of each: a minute is many
readings.

"On the board": every 5 ms another process asks reporting's database which of the petitions still awaited are
committed as registered; the board's counts are changed in the same transaction. A petition's time begins
just before its request is written and ends when the answer to that question is there, by the same clock.
"""

import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from services.reporting.board.models import BoardPetition
from shared.db.engine import Database
from shared.web.app import SERVICE_NAMES
from tests.bench.client import Sender
from tests.bench.figures import Figure, amount, percentile
from tests.bench.start import embedded, signed_in, until_counted
from tests.chaos.deployment import Deployment
from tests.servers import PostgreSQL, RabbitMQ

SPEEDS = ((5, amount(100, 15), 100), (50, amount(3_000, 100), 250))  # a second, how many, aim in ms
EVERY = 0.005
PATIENCE = 120.0


def measure() -> list[Figure]:
    figures = []
    for kind, running in (("RabbitMQ and PostgreSQL", _apart), ("embedded", _embedded)):
        with running() as (sender, db):
            _delays(sender, db, 10, 20)  # warm
            for a_second, count, aim in SPEEDS:
                delays = _delays(sender, db, a_second, count)
                name = f"{kind}, {a_second} a second"
                figures.append(Figure(f"{name}: p50", "ms", [statistics.median(delays)]))
                figures.append(Figure(f"{name}: p99", "ms", [percentile(delays, 99)], f"< {aim}"))
            db.close()
    return figures


@contextmanager
def _apart() -> Iterator[tuple[Sender, Database]]:
    with tempfile.TemporaryDirectory() as name, PostgreSQL() as postgres, RabbitMQ() as rabbit:
        for service in SERVICE_NAMES:
            postgres.create_database(service)
        url, limits = postgres.url("{service}"), {"RATE_PER_POST": "0"}
        with Deployment(list(SERVICE_NAMES), url, rabbit.url, Path(name), **limits) as deployment:
            sender = Sender(deployment.ports["intake"], "/api/petitions", deployment.token("clerk-1"))
            yield sender, Database(postgres.url("reporting"), agency="local")


@contextmanager
def _embedded() -> Iterator[tuple[Sender, Database]]:
    with tempfile.TemporaryDirectory() as directory, embedded(directory) as running:
        until_counted(running)  # the sample
        token = signed_in(running.port, "clerk-1")
        url = f"sqlite:///{directory}/reporting.db"
        yield Sender(running.port, "/intake/api/petitions", token), Database(url, agency="local")


def _delays(sender: Sender, db: Database, a_second: float, count: int) -> list[float]:
    """Milliseconds of each petition."""
    sender.sent.clear()
    sending = threading.Thread(target=sender.at_rate, args=(a_second, count))
    sending.start()
    seen: dict[UUID, float] = {}
    end = time.monotonic() + count / a_second + PATIENCE
    while len(seen) < count:
        if time.monotonic() > end:
            raise RuntimeError(f"{count - len(seen)} petitions did not come to the board")
        found = _on_the_board(db, [id_ for id_ in list(sender.sent) if id_ not in seen])
        now = time.monotonic()
        seen |= dict.fromkeys(found, now)
        time.sleep(EVERY)
    sending.join()
    return [1000 * (seen[id_] - sent) for id_, sent in sender.sent.items()]


def _on_the_board(db: Database, awaited: list[UUID]) -> list[UUID]:
    if not awaited:
        return []
    query = select(BoardPetition.petition_id).where(BoardPetition.petition_id.in_(awaited[:200]))
    with db.read() as session:
        return list(session.scalars(query.where(BoardPetition.registered_on.is_not(None))))
