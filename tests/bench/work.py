"""Events that lie in the inbox to one handled row each in PostgreSQL, one process, 5,000 events; and the way
from RabbitMQ into the inbox. Five times.
"""

import threading
import time

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.bus.consumer import BusConsumer
from shared.bus.handlers import Event, handles
from shared.bus.relay import Relay
from shared.bus.work import Work
from shared.contracts.supervision import ClockWarnedV1
from shared.db.base import SharedBase
from shared.db.engine import Database
from shared.db.inbox import Inbox, State
from shared.identity.keys import Keys
from shared.identity.recusal import Exclusion
from shared.ledger.digests import Digests
from tests.bench.figures import ROUNDS, Figure, amount
from tests.bench.relay import fill
from tests.ground import keys_for
from tests.servers import PostgreSQL, RabbitMQ

EVENTS = amount(5_000, 500)


@handles(ClockWarnedV1, uses=("clock_id",))
def write_a_row(event: Event, session: Session) -> None:
    session.add(Exclusion(petition_id=event["clock_id"], unit="bench"))


def measure() -> list[Figure]:
    received, handled = [], []
    with RabbitMQ() as rabbit, PostgreSQL() as postgres:
        for number in range(ROUNDS):
            source = Database(postgres.create_database(f"source{number}"), agency="local")
            ledger = Digests(Keys(keys_for("local"), "local", "notify"))  # each row leaves its entry
            target = Database(postgres.create_database(f"target{number}"), agency="local", ledger=ledger)
            for db in (source, target):
                SharedBase.metadata.create_all(db.engine)
            fill(source, EVENTS)
            received.append(_receive(rabbit.url, source, target))
            handled.append(_handle(target))
            source.close()
            target.close()
    return [
        Figure("relay, RabbitMQ and inbox together", "events/s", received),
        Figure("inbox → handler → row, exactly once", "events/s", handled),
    ]


def _receive(url: str, source: Database, target: Database) -> float:
    stop = threading.Event()
    consumer = BusConsumer(
        url,
        target,
        agency="local",
        service="notify",
        bindings=["local.supervision.clock.warned.v1"],
        received=lambda: None,
        revived=lambda: None,
    )
    thread = threading.Thread(target=consumer.run_until, args=(stop,), daemon=True)
    thread.start()
    time.sleep(2)
    relay = Relay(source, url, "bench", threading.Event())
    began = time.perf_counter()
    while relay.step():
        pass
    while _count(target) < EVENTS:
        time.sleep(0.02)
    took = time.perf_counter() - began
    stop.set()
    thread.join()
    relay.close()
    return EVENTS / took


def _handle(db: Database) -> float:
    work = Work(db, [write_a_row], threading.Event())
    with db.write() as session:
        session.execute(update(Inbox).values(state=State.READY))
    began = time.perf_counter()
    while work.step():
        pass
    return EVENTS / (time.perf_counter() - began)


def _count(db: Database) -> int:
    with db.read() as session:
        return session.scalar(select(func.count()).select_from(Inbox)) or 0
