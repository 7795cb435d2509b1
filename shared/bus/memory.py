"""Publishes on kombu's memory bus, inside one process, and wakes who consumes there."""

import threading
from collections.abc import Sequence
from weakref import WeakSet

from kombu import Producer

from shared.bus import topology
from shared.bus.connection import connect
from shared.bus.publisher import Outcome, Outgoing
from shared.contracts.envelope import CONTENT_TYPE

_listening: WeakSet[threading.Event] = WeakSet()


def listen() -> threading.Event:
    """What is set whenever something was published; whoever waits on it clears it first, then looks."""
    told = threading.Event()
    _listening.add(told)
    return told


class MemoryPublisher:
    """For `memory://`: no confirms there, and none needed, since the outbox is the archive."""

    def __init__(self, url: str) -> None:
        self._connection = connect(url)
        self._producer = Producer(self._connection.channel(), topology.events_exchange())

    def publish(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        for message in messages:
            self._producer.publish(
                message.body.encode(),
                routing_key=message.type,
                content_type=CONTENT_TYPE,
                content_encoding="binary",
                message_id=message.id,
            )
        for told in list(_listening):
            told.set()
        return [Outcome.ROUTED] * len(messages)

    def close(self) -> None:
        self._connection.release()
