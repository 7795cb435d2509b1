"""Publishes to RabbitMQ with pipelined confirms: a batch goes out at once, confirms come back in bulk.

The connection lives in a thread of its own, so that heartbeats flow while the relay waits.
"""

import logging
import threading
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import pika
from pika import SelectConnection
from pika.exceptions import AMQPError
from pika.exchange_type import ExchangeType

from shared.bus.publisher import BrokerDown, Outcome, Outgoing
from shared.bus.topology import EXCHANGE
from shared.contracts.envelope import CONTENT_TYPE
from shared.runtime.tls import Tls

log = logging.getLogger(__name__)
CONNECT_SECONDS = 10.0
CONFIRM_SECONDS = 30.0
ACCESS_REFUSED = 403
BLOCKED = "the broker takes no messages now (memory or disk alarm)"


class PikaPublisher:
    """One connection, made on first use and made anew after any trouble."""

    def __init__(self, url: str, confirm_seconds: float = CONFIRM_SECONDS, tls: Tls | None = None) -> None:
        self._url, self._tls = url, tls
        self._confirm_seconds = confirm_seconds
        self._link: _Link | None = None

    def publish(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        if self._link is None or not self._link.usable:
            self.close()
            self._link = _Link(self._url, self._confirm_seconds, self._tls)
        try:
            return self._link.publish(messages)
        except BrokerDown:
            # A blocked link is kept: only it hears when the alarm is over.
            if not self._link.is_blocked:
                self.close()
            raise

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None


class _Link:
    """One connection with its channel, from its opening to its end."""

    def __init__(self, url: str, confirm_seconds: float, tls: Tls | None) -> None:
        self._confirm_seconds = confirm_seconds
        parameters = pika.URLParameters(url)
        parameters.virtual_host = parameters.virtual_host or "/"  # kombu's `//` is empty for pika
        if tls is not None and parameters.ssl_options is not None:
            parameters.ssl_options = pika.SSLOptions(tls.client_context(), parameters.host)
        parameters.heartbeat = 20
        parameters.socket_timeout = parameters.stack_timeout = CONNECT_SECONDS
        self._user = parameters.credentials.username
        self._ready = threading.Event()
        self._closed = threading.Event()
        self._blocked = False
        self._reason = "no answer"
        self._channel: Any = None
        self._next_tag = 1
        self._batch: _Batch | None = None
        self._connection = SelectConnection(
            parameters,
            on_open_callback=lambda _c: self._open_channel(passive=False),
            on_open_error_callback=lambda _c, error: self._end(error),
            on_close_callback=lambda _c, error: self._end(error),
        )
        self._connection.add_on_connection_blocked_callback(self._on_blocked)
        self._connection.add_on_connection_unblocked_callback(self._on_unblocked)
        threading.Thread(target=self._loop, name="amqp-publisher", daemon=True).start()
        self._ready.wait(CONNECT_SECONDS)
        if self._channel is None:
            self.close()
            raise BrokerDown(self._reason)

    @property
    def usable(self) -> bool:
        return not self._closed.is_set()

    @property
    def is_blocked(self) -> bool:
        return self._blocked and self.usable

    def publish(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        if self._blocked:
            raise BrokerDown(BLOCKED)
        if not messages:
            return []
        self._batch = batch = _Batch(messages)
        self._connection.ioloop.add_callback_threadsafe(lambda: self._send(batch))
        if self._closed.is_set():
            raise BrokerDown(self._reason)
        if not batch.done.wait(self._confirm_seconds):
            raise BrokerDown("no confirm in time")
        if batch.failed:
            raise BrokerDown(BLOCKED if self._blocked else self._reason)
        return [batch.outcomes[message.id] for message in messages]

    def close(self) -> None:
        if not self._closed.is_set():
            self._connection.ioloop.add_callback_threadsafe(self._shut)

    def _loop(self) -> None:
        try:
            self._connection.ioloop.start()
        except Exception as error:  # pika raises whatever its socket raised
            self._end(error)
        self._connection.ioloop.close()  # else each reconnect would leave sockets behind

    def _shut(self) -> None:
        if self._connection.is_open:
            self._connection.close()
        else:
            self._end(None)

    def _end(self, error: Any) -> None:
        code = getattr(error, "reply_code", None)
        self._reason = f"{type(error).__name__} {code or ''}".strip() if error is not None else "closed"
        self._closed.set()
        self._ready.set()
        if self._batch is not None:
            self._batch.fail()
        self._connection.ioloop.stop()

    def _open_channel(self, *, passive: bool) -> None:
        """Make the exchange; or only find it, where the operator alone may make it (definitions)."""

        def opened(channel: Any) -> None:
            channel.add_on_return_callback(self._on_return)
            channel.add_on_close_callback(lambda _ch, error: self._on_channel_closed(error, passive))
            channel.exchange_declare(
                EXCHANGE,
                ExchangeType.topic,
                passive=passive,
                durable=True,
                callback=lambda _ok: self._confirm(channel),
            )

        self._connection.channel(on_open_callback=opened)

    def _on_channel_closed(self, error: Any, passive: bool) -> None:
        may_not_make = self._channel is None and getattr(error, "reply_code", None) == ACCESS_REFUSED
        if may_not_make and not passive:
            self._open_channel(passive=True)
        else:
            self._end(error)

    def _confirm(self, channel: Any) -> None:
        def selected(_ok: Any) -> None:
            self._channel = channel
            self._ready.set()

        channel.confirm_delivery(self._on_confirm, callback=selected)

    def _send(self, batch: "_Batch") -> None:
        try:
            for message in batch.messages:
                batch.tags[self._next_tag] = message.id
                self._next_tag += 1
                self._channel.basic_publish(
                    EXCHANGE,
                    message.type,
                    message.body.encode(),
                    self._properties(message),
                    mandatory=True,
                )
        except AMQPError as error:
            self._end(error)

    def _properties(self, message: Outgoing) -> pika.BasicProperties:
        return pika.BasicProperties(
            content_type=CONTENT_TYPE,
            delivery_mode=2,
            message_id=message.id,
            type=message.type,
            user_id=self._user,  # RabbitMQ refuses any but the one who is signed in
        )

    def _on_return(self, _channel: Any, _method: Any, properties: Any, _body: bytes) -> None:
        # The return comes before the ack of the same message; an ack alone does not mean routed.
        if self._batch is not None:
            self._batch.note_return(properties.message_id)

    def _on_confirm(self, frame: Any) -> None:
        if self._batch is not None:
            acked = isinstance(frame.method, pika.spec.Basic.Ack)
            self._batch.confirm(frame.method.delivery_tag, frame.method.multiple, acked)

    def _on_blocked(self, *_: Any) -> None:
        self._blocked = True
        if self._batch is not None:
            self._batch.fail()
        log.warning("the broker is blocked: events stay in the outbox")

    def _on_unblocked(self, *_: Any) -> None:
        self._blocked = False


class _Batch:
    """Messages under way and what became of them."""

    def __init__(self, messages: Sequence[Outgoing]) -> None:
        self.messages = messages
        self.tags: dict[int, str] = {}
        self.outcomes: dict[str, Outcome] = {}
        self.done = threading.Event()
        self.failed = False

    def note_return(self, message_id: str) -> None:
        # A message of an earlier try may come back late: its id may be none of these.
        if message_id in self.tags.values():
            self.outcomes[message_id] = Outcome.UNROUTED

    def confirm(self, tag: int, multiple: bool, acked: bool) -> None:
        # Tags were given in order: the first that is higher ends those that a `multiple` means.
        tags = list(takewhile(lambda each: each <= tag, self.tags)) if multiple else [tag]
        for each in tags:
            message_id = self.tags.pop(each, None)
            if message_id is not None:
                outcome = Outcome.ROUTED if acked else Outcome.REFUSED
                self.outcomes.setdefault(message_id, outcome)
        if tags and not self.tags:  # all were sent before the first confirm is read
            self.done.set()

    def fail(self) -> None:
        if not self.done.is_set():
            self.failed = True
            self.done.set()
