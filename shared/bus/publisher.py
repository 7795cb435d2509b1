"""What the relay needs of a transport, and the one for the memory bus inside one process."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from kombu import Producer

from shared.bus import topology
from shared.bus.consumer import connect
from shared.contracts.envelope import CONTENT_TYPE


class BrokerDown(Exception):
    """Nothing of the batch is known to have arrived: keep the rows and try again."""


@dataclass(frozen=True)
class Outgoing:
    """One message: its CloudEvents id, its type (the routing key) and its JSON."""

    id: str
    type: str
    body: str


class Outcome(StrEnum):
    ROUTED = "routed"
    UNROUTED = "unrouted"  # the broker has it, no queue wanted it
    REFUSED = "refused"  # e.g. a full queue: try again later


class Publisher(Protocol):
    """Publishes a batch; one outcome per message, in order. Raises BrokerDown."""

    def publish(self, messages: Sequence[Outgoing]) -> list[Outcome]: ...

    def close(self) -> None: ...


class KombuPublisher:
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


def make_publisher(url: str) -> Publisher:
    """The publisher for a bus address; connects on first use."""
    if url.startswith("memory"):
        return KombuPublisher(url)
    from shared.bus.confirms import PikaPublisher

    return PikaPublisher(url)
