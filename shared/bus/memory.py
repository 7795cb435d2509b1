"""Publishes on kombu's memory bus, inside one process."""

from collections.abc import Sequence

from kombu import Producer

from shared.bus import topology
from shared.bus.consumer import connect
from shared.bus.publisher import Outcome, Outgoing
from shared.contracts.envelope import CONTENT_TYPE


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
        return [Outcome.ROUTED] * len(messages)

    def close(self) -> None:
        self._connection.release()
