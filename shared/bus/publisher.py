"""What the relay needs of a transport: memory.py is the one inside a process, confirms.py RabbitMQ's."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


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
