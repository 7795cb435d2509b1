"""A service of a test's own on a bus: its two boxes in SQLite, the real consumer, relay and work loop.

It stands in for none of the five: what holds for it holds for whatever `services/` declares.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kombu import Producer
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.bus import topology
from shared.bus.connection import connect
from shared.bus.consumer import BusConsumer
from shared.bus.handlers import Event, Handler
from shared.bus.relay import Relay
from shared.bus.work import Work
from shared.contracts.envelope import CONTENT_TYPE, Envelope
from shared.contracts.intake import PetitionRegisteredV1
from shared.contracts.registry import EventSchema, contract_of
from shared.db.base import SharedBase
from shared.db.engine import Database
from shared.db.inbox import Believes, Inbox, State, nobody
from shared.db.outbox import Outbox, record
from shared.runtime.tls import Tls
from tests.contracts.examples import example_message

PATIENCE = 30.0


def until(condition: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Wait for a condition and give its value. Raises AssertionError naming `what` after `patience` s."""
    end = time.monotonic() + patience
    while not (value := condition()):
        assert time.monotonic() < end, f"waited {patience} s in vain for {what}"
        time.sleep(0.02)
    return value


class Station:
    """One service on a bus: publishes golden examples, and keeps what its handler was given."""

    def __init__(
        self,
        directory: Path,
        url: str,
        *,
        agency: str = "local",
        service: str = "listener",
        listens: Sequence[type[EventSchema]] = (PetitionRegisteredV1,),
        bindings: Iterable[str] | None = None,
        database_url: str | None = None,
        believes: Believes = nobody,
        tls: Tls | None = None,
    ) -> None:
        self.tls = tls
        self.url, self.agency, self.service = url, agency, service
        self.db = Database(database_url or f"sqlite:///{directory}/{agency}-{service}.db", agency=agency)
        SharedBase.metadata.create_all(self.db.engine)
        self.bindings = sorted(bindings or (contract_of(schema).binding_for(agency) for schema in listens))
        self.handled: list[str] = []
        handlers = [Handler(contract_of(schema), frozenset(), self._handle) for schema in listens]
        self.believes = believes
        self.work = Work(self.db, handlers, threading.Event(), believes)
        self.relay = Relay(self.db, url, service, threading.Event(), tls=tls)
        self.revived = 0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _e: Any, _t: TracebackType | None) -> None:
        self.leave()
        self.forget()
        self.relay.close()
        self.db.close()

    def _handle(self, event: Event, session: Session) -> None:
        self.handled.append(event.id)

    def declare(self) -> None:
        """Make the queues, without listening yet."""
        with connect(self.url, self.tls) as connection:
            topology.declare(connection, self.agency, self.service, self.bindings)

    def listen(self) -> Self:
        """Start the consumer in a thread."""
        self.declare()
        self._stop = threading.Event()
        consumer = BusConsumer(
            self.url,
            self.db,
            agency=self.agency,
            service=self.service,
            bindings=self.bindings,
            received=lambda: None,
            revived=self._note_revival,
            believes=self.believes,
            tls=self.tls,
        )
        self._thread = threading.Thread(target=consumer.run_until, args=(self._stop,), daemon=True)
        self._thread.start()
        return self

    def _note_revival(self) -> None:
        self.revived += 1

    def leave(self) -> None:
        """Stop the consumer, as an orderly end does."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(PATIENCE)
            assert not self._thread.is_alive(), "the consumer does not stop"

    def forget(self) -> None:
        """Remove the queues from a broker, so that the next test finds none."""
        if self.url.startswith("amqp"):
            with connect(self.url, self.tls) as connection, connection.channel() as channel:
                for name in (topology.inbox_name, topology.dead_name):
                    channel.queue_delete(name(self.agency, self.service))

    def record(self, schema: type[EventSchema] = PetitionRegisteredV1, times: int = 1) -> list[Envelope]:
        """Commit golden examples to the outbox, each with an id of its own."""
        # What a test declares has the data of a registration, and no examples of its own.
        contract = contract_of(PetitionRegisteredV1 if issubclass(schema, PetitionRegisteredV1) else schema)
        data = contract.schema().load(example_message(contract, "full")["data"])
        with self.db.write() as session:
            return [record(session, schema, subject="s", **data) for _ in range(times)]

    def relay_all(self) -> int:
        """Publish all that waits. Raises BrokerDown."""
        count = 0
        while step := self.relay.step():
            count += step
        return count

    def publish(self, schema: type[EventSchema] = PetitionRegisteredV1, times: int = 1) -> list[str]:
        """Record and relay; gives the ids in order."""
        events = self.record(schema, times)
        self.relay_all()
        return [event.id for event in events]

    def send(self, body: bytes, key: str, times: int = 1, **properties: Any) -> None:
        """Put any bytes on the bus, as somebody without our code could."""
        with connect(self.url, self.tls) as connection:
            producer = Producer(connection.channel(), topology.events_exchange())
            properties = {"content_type": CONTENT_TYPE, "content_encoding": "binary"} | properties
            for _ in range(times):
                producer.publish(body, routing_key=key, **properties)

    def work_off(self) -> list[str]:
        """Handle what is due; gives the ids that the handler was ever given, in order."""
        while self.work.step():
            pass
        return self.handled

    def inbox(self, *conditions: Any) -> Sequence[Inbox]:
        with self.db.read() as session:
            return session.scalars(select(Inbox).where(*conditions).order_by(Inbox.received_at)).all()

    def parked(self) -> dict[str, str]:
        """Why what is parked is parked, by id."""
        return {row.id: row.last_error or "" for row in self.inbox(Inbox.state == State.PARKED)}

    def outbox(self) -> Sequence[Outbox]:
        with self.db.read() as session:
            return session.scalars(select(Outbox).order_by(Outbox.seq)).all()

    def wait_for(self, count: int) -> None:
        """Wait until so many messages are in the inbox."""

        def arrived() -> bool:
            with self.db.read() as session:
                return (session.scalar(select(func.count()).select_from(Inbox)) or 0) >= count

        until(arrived, f"{count} messages in the inbox of {self.service}")
