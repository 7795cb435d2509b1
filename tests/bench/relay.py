"""Outbox rows in PostgreSQL to a RabbitMQ quorum queue with publisher confirms, 5,000 events of about 600
bytes. Peers: pika alone with all confirms pipelined, and kombu waiting for each confirm; both without a
database. In turns, five times.
"""

import threading
import time
import uuid
from datetime import date

from kombu import Connection, Producer

from shared.bus import topology
from shared.bus.confirms import PikaPublisher
from shared.bus.publisher import Outgoing
from shared.bus.relay import Relay
from shared.contracts.supervision import ClockWarnedV1
from shared.db.base import SharedBase
from shared.db.engine import Database
from shared.db.outbox import record
from tests.bench.figures import ROUNDS, Figure, amount, ratio
from tests.servers import PostgreSQL, RabbitMQ

EVENTS = amount(5_000, 1_000)


def measure() -> list[Figure]:
    ours, bare, waiting = [], [], []
    with RabbitMQ() as rabbit, PostgreSQL() as postgres:
        with Connection(rabbit.url) as connection:
            topology.declare(connection, "local", "notify", ["local.supervision.clock.warned.v1"])
        for number in range(ROUNDS):
            db = Database(postgres.create_database(f"relay{number}"), agency="local")
            SharedBase.metadata.create_all(db.engine)
            took, messages = _relay(db, rabbit.url)
            ours.append(took)
            bare.append(_pika(rabbit.url, messages))
            waiting.append(_kombu(rabbit.url, messages[:1000]))
            rabbit.ctl("purge_queue", "local.notify.inbox")
            db.close()
    figures = [
        Figure("relay: read, publish, confirm, mark", "events/s", ours),
        Figure("pika alone, confirms pipelined", "events/s", bare),
        Figure("kombu, one confirm at a time", "events/s", waiting),
    ]
    return [
        *figures,
        ratio("relay / pika alone", figures[0], figures[1], "≥ 0.5"),
        ratio("relay / kombu", figures[0], figures[2], "≥ 5"),
    ]


def fill(db: Database, count: int) -> list[Outgoing]:
    """Record events; returns them as they would go out."""
    messages = []
    for _ in range(0, count, 500):
        with db.write() as session:
            for _ in range(min(500, count)):
                made = record(
                    session,
                    ClockWarnedV1,
                    uuid.uuid4(),
                    petition_id=uuid.uuid4(),
                    number="ZX2026-000001",
                    clock_id=uuid.uuid4(),
                    duty="handling",
                    holder="office-1",
                    due_on=date(2026, 12, 1),
                    days_left=3,
                )
                messages.append(Outgoing(made.id, made.type, made.to_json()))
    return messages


def _relay(db: Database, url: str) -> tuple[float, list[Outgoing]]:
    """Events a second, and the events."""
    relay = Relay(db, url, "bench", threading.Event())
    fill(db, 10)
    relay.step()
    messages = fill(db, EVENTS)
    began = time.perf_counter()
    while relay.step():
        pass
    took = time.perf_counter() - began
    relay.close()
    return EVENTS / took, messages


def _pika(url: str, messages: list[Outgoing]) -> float:
    publisher = PikaPublisher(url)
    publisher.publish(messages[:10])
    began = time.perf_counter()
    publisher.publish(messages)
    took = time.perf_counter() - began
    publisher.close()
    return len(messages) / took


def _kombu(url: str, messages: list[Outgoing]) -> float:
    with Connection(url, transport_options={"confirm_publish": True}) as connection:
        producer = Producer(connection.channel(), topology.events_exchange())
        began = time.perf_counter()
        for message in messages:
            producer.publish(message.body, routing_key=message.type, delivery_mode=2, timeout=10)
        return len(messages) / (time.perf_counter() - began)
