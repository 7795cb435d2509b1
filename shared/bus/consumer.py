"""Takes messages off the bus and stores them in the inbox; nothing is handled here.

A message is acknowledged only after its row is committed. Messages that are already waiting are
stored together in one transaction.
"""

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from kombu import Connection, Message
from kombu.mixins import ConsumerMixin

from shared import clock
from shared.bus import memory, topology
from shared.bus.connection import connect
from shared.bus.pace import at_a_pace
from shared.contracts.envelope import MAX_BYTES
from shared.contracts.registry import key_of
from shared.db.engine import Database
from shared.db.inbox import Arrival, Believes, Inbox, State, nobody, receive
from shared.errors import N_
from shared.runtime.tls import Tls
from shared.watching.tracing import span

log = logging.getLogger(__name__)
BATCH = 100
DRAIN_SECONDS = 0.1  # how soon a stop is noticed


class _Stopped(Exception):
    """Ends the wait for a broker that is away."""


class BusConsumer(ConsumerMixin):
    """One queue into one inbox. `received` is called when new rows are committed."""

    def __init__(
        self,
        url: str,
        db: Database,
        *,
        agency: str,
        service: str,
        bindings: list[str],
        received: Callable[[], None],
        revived: Callable[[], None],
        believes: Believes = nobody,
        tls: Tls | None = None,
    ) -> None:
        self.connection = connect(url, tls)
        self._db = db
        self._agency, self._service, self._bindings = agency, service, bindings
        self._subscribed = {key_of(binding) for binding in bindings}
        self._received, self._revived, self._believes = received, revived, believes
        self._stop = threading.Event()
        self._told = memory.listen() if url.startswith("memory") else None
        self._pending: list[Message] = []
        self.last_drained_at = clock.now()
        self.is_flooded = False  # as much came at once as is taken at once: more lies in the queue
        self.failing: str | None = None  # what keeps messages from coming in, for the operator

    def run_until(self, stop: threading.Event) -> None:
        """Consume until `stop` is set, through every loss of the connection."""
        self._stop = stop
        with suppress(_Stopped):
            self.run()

    @property
    def should_stop(self) -> bool:  # type: ignore[override]
        return self._stop.is_set()

    def get_consumers(self, Consumer: Any, channel: Any) -> list[Any]:
        topology.declare(channel.connection.client, self._agency, self._service, self._bindings)
        queue = topology.inbox_queue(self._agency, self._service, self._bindings)
        return [
            Consumer([queue], auto_declare=False, on_message=self._pending.append, prefetch_count=2 * BATCH)
        ]

    def on_connection_revived(self) -> None:
        self._pending.clear()  # unacknowledged: the broker delivers them again
        self.failing = None
        self._revived()

    @contextmanager
    def establish_connection(self) -> Iterator[Connection]:
        """As kombu's, but never more than 5 s behind a broker that came back, and ready to stop."""
        with self.create_connection() as connection:
            connection.ensure_connection(
                self.on_connection_error, interval_start=1, interval_step=1, interval_max=5,
                callback=self._leave_if_stopped,
            )  # fmt: skip
            yield connection

    def on_connection_error(self, exc: Exception, interval: float) -> None:
        log.warning("bus not reachable, trying again", extra={"error": type(exc).__name__})
        self.last_drained_at = clock.now()  # it waits for the broker, it does not hang
        self.failing = N_("the bus does not answer")
        self.is_flooded = False  # nothing comes in: the work loop has no reason to wait

    def on_decode_error(self, message: Message, exc: Exception) -> None:
        """Keep what kombu cannot unpack, too; its own way is to acknowledge and forget it."""
        self._pending.append(message)

    def _leave_if_stopped(self) -> None:
        if self.should_stop:
            raise _Stopped

    def consume(self, *_: Any, **kwargs: Any) -> Iterator[None]:
        """Drain, gather what is there, store, acknowledge; the mixin reconnects around it."""
        with self.consumer_context(**kwargs) as (connection, _channel, _consumers):
            while not self.should_stop:
                try:
                    self._await_one(connection)
                    while len(self._pending) < BATCH:
                        connection.drain_events(timeout=0 if self._told else 0.001)
                except TimeoutError:
                    connection.heartbeat_check()
                self.last_drained_at = clock.now()
                self.is_flooded = len(self._pending) >= BATCH
                if self.is_flooded:
                    self._store()
                elif self._pending:
                    with at_a_pace(self._stop):
                        self._store()
                yield

    def _await_one(self, connection: Connection) -> None:
        """Take the next message. Raises TimeoutError where none comes for DRAIN_SECONDS."""
        if self._told is None:
            connection.drain_events(timeout=DRAIN_SECONDS)
            return
        # kombu would ask its memory again and again; here it is asked when something was put there.
        if not self.is_flooded:
            self._told.wait(DRAIN_SECONDS)
        self._told.clear()
        connection.drain_events(timeout=0)

    def _store(self) -> None:
        own = [m for m in self._pending if self._is_own(m)]
        of_others = [m for m in self._pending if not self._is_own(m)]
        small = [m for m in of_others if len(_body(m)) <= MAX_BYTES]
        large = [m for m in of_others if len(_body(m)) > MAX_BYTES]
        with span("receive", count=len(self._pending)), self._db.write() as session:
            arrivals = [Arrival(_body(m), _key(m)) for m in small]
            new = receive(session, arrivals, self._subscribed, self._believes)
            for message in large:
                session.merge(self._too_large(message))
        for message in own + small:
            message.ack()
        for message in large:
            message.reject()  # reject, not nack: only reject counts towards the limit since 4.3
        self._pending.clear()
        if new:
            self._received()

    def _is_own(self, message: Message) -> bool:
        """An event for partners comes back to the service that published it, if that hears others' too."""
        return (_key(message) or "").startswith(f"{self._agency}.{self._service}.")

    def _too_large(self, message: Message) -> Inbox:
        now = clock.now()
        body, key = _body(message), _key(message) or ""
        dead = topology.dead_name(self._agency, self._service)
        return Inbox(
            source="too-large",
            id=hashlib.sha256(body).hexdigest(),
            type=key[:255] if key.isprintable() and key else "unreadable",
            body=b"",
            received_at=now,
            next_attempt_at=now,
            state=State.PARKED,
            last_error=f"{len(body)} bytes, more than {MAX_BYTES}: the message lies in the queue {dead}",
        )


def _body(message: Message) -> bytes:
    body = message.body
    return body.encode("utf-8", "surrogatepass") if isinstance(body, str) else bytes(body)


def _key(message: Message) -> str | None:
    key = (message.delivery_info or {}).get("routing_key")
    return str(key) if key is not None else None
