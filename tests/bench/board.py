"""From sending the `POST` of a petition until it is counted on the board: 5 petitions a second for 20
seconds, then 50 a second for a minute. "Sent in fact" says how many a second eight connections brought in,
each of which waits for its answer: where that is less than wanted, the machine is full. Apart (the web and
worker processes of all five services on RabbitMQ and PostgreSQL) and embedded (`huajie run`, one process on
SQLite). One run of each: a minute is many readings.

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
from tests.bench.start import CALM, embedded, signed_in, until_counted
from tests.chaos.deployment import Deployment
from tests.servers import PostgreSQL, RabbitMQ

SPEEDS = ((5, amount(20, 3), "< 100"), (50, amount(60, 2), "< 250"))
EVERY = 0.005
PATIENCE = 120.0


def measure() -> list[Figure]:
    figures = []
    for kind, running in (("RabbitMQ and PostgreSQL", _apart), ("embedded", _embedded)):
        with running() as (sender, db):
            _delays(sender, db, 10, amount(3, 2))  # warm
            time.sleep(CALM)  # what is done at the start only is over
            for a_second, seconds, aim in SPEEDS:
                delays, sent = _delays(sender, db, a_second, seconds)
                name = f"{kind}, {a_second} a second"
                figures.append(Figure(f"{name}: sent in fact", "1/s", [sent]))
                figures.append(Figure(f"{name}: p50", "ms", [statistics.median(delays)]))
                figures.append(Figure(f"{name}: p99", "ms", [percentile(delays, 99)], aim))
            db.close()
    return figures


@contextmanager
def _apart() -> Iterator[tuple[Sender, Database]]:
    with tempfile.TemporaryDirectory() as name, PostgreSQL() as postgres, RabbitMQ() as rabbit:
        for service in SERVICE_NAMES:
            postgres.create_database(service)
        url, settings = postgres.url("{service}"), {"RATE_PER_POST": "0", "CATCH_UP_SECONDS": "60"}
        with Deployment(list(SERVICE_NAMES), url, rabbit.url, Path(name), **settings) as deployment:
            sender = Sender(deployment.ports["intake"], "/api/petitions", deployment.token("clerk-1"))
            yield sender, Database(postgres.url("reporting"), agency="local")


@contextmanager
def _embedded() -> Iterator[tuple[Sender, Database]]:
    with tempfile.TemporaryDirectory() as directory, embedded(directory) as running:
        until_counted(running)  # the sample
        token = signed_in(running.port, "clerk-1")
        url = f"sqlite:///{directory}/reporting.db"
        yield Sender(running.port, "/intake/api/petitions", token), Database(url, agency="local")


def _delays(sender: Sender, db: Database, a_second: float, seconds: float) -> tuple[list[float], float]:
    """Milliseconds of each petition, and how many a second were sent in fact."""
    sender.sent.clear()
    rate: list[float] = []
    sending = threading.Thread(target=lambda: rate.append(sender.at_rate(a_second, seconds)))
    sending.start()
    seen: dict[UUID, float] = {}
    end = time.monotonic() + seconds + PATIENCE
    while sending.is_alive() or len(seen) < len(sender.sent):
        if time.monotonic() > end:
            raise RuntimeError(f"{len(sender.sent) - len(seen)} petitions did not come to the board")
        found = _on_the_board(db, [id_ for id_ in list(sender.sent) if id_ not in seen])
        now = time.monotonic()
        seen |= dict.fromkeys(found, now)
        time.sleep(EVERY)
    return [1000 * (seen[id_] - sent) for id_, sent in sender.sent.items()], rate[0]


def _on_the_board(db: Database, awaited: list[UUID]) -> list[UUID]:
    if not awaited:
        return []
    query = select(BoardPetition.petition_id).where(BoardPetition.petition_id.in_(awaited[:200]))
    with db.read() as session:
        return list(session.scalars(query.where(BoardPetition.registered_on.is_not(None))))
