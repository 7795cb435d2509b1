"""The only place where exchanges and queues are named, and their arguments set."""

from typing import Any

from amqp.exceptions import AccessRefused  # type: ignore[import-untyped]
from kombu import Connection, Exchange, Queue
from kombu.transport.virtual import Channel as VirtualChannel

EXCHANGE = "events"
DEAD_ARGUMENTS = {"x-queue-type": "quorum"}
# Patterns of all queues of a kind, for policies.
INBOXES = r"^[a-z0-9-]+\.[a-z0-9-]+\.inbox$"
DEAD = r"^[a-z0-9-]+\.[a-z0-9-]+\.dead$"
FEDERATION_QUEUES = "^federation: "  # named by RabbitMQ: what waits for a partner's own broker


def inbox_name(agency: str, service: str) -> str:
    """The queue that brings a service its events."""
    return f"{agency}.{service}.inbox"


def dead_name(agency: str, service: str) -> str:
    """Where messages end that could not even be stored."""
    return f"{agency}.{service}.dead"


def incoming_name(agency: str) -> str:
    """The exchange into which the broker of a partner brings its events."""
    return f"in.{agency}"


def outgoing_name(agency: str) -> str:
    """The exchange that the broker of a partner may take from."""
    return f"out.{agency}"


def events_exchange() -> Exchange:
    return Exchange(EXCHANGE, type="topic", durable=True)


def inbox_arguments(agency: str, service: str) -> dict[str, str]:
    """What can never change later; tunables such as the delivery limit stand in policies."""
    return {
        "x-queue-type": "quorum",
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": dead_name(agency, service),
        # at-least-once needs reject-publish; without it RabbitMQ falls back to at-most-once.
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def inbox_queue(agency: str, service: str, bindings: list[str]) -> Queue:
    """The quorum queue of a service, bound to the exact versions that it handles (no `#`)."""
    exchange = events_exchange()
    return Queue(
        inbox_name(agency, service),
        bindings=[_binding(exchange, key) for key in bindings],
        durable=True,
        queue_arguments=inbox_arguments(agency, service),
    )


def dead_queue(agency: str, service: str) -> Queue:
    return Queue(dead_name(agency, service), durable=True, queue_arguments=DEAD_ARGUMENTS)


def _binding(exchange: Exchange, key: str) -> object:
    from kombu import binding

    return binding(exchange, routing_key=key)


def declare(connection: Connection, agency: str, service: str, bindings: list[str]) -> None:
    """Make what a service needs on the bus, or see that it is there where only the operator may make it.

    Safe to repeat. Raises kombu's channel errors: AccessRefused where a binding is not allowed, NotFound
    where a queue is missing and may not be made.
    """
    try:
        with connection.channel() as channel:
            _make(channel, agency, service, bindings)
    except AccessRefused:
        with connection.channel() as channel:
            _find(channel, agency, service, bindings)


def _make(channel: Any, agency: str, service: str, bindings: list[str]) -> None:
    events_exchange()(channel).declare()
    if not isinstance(channel, VirtualChannel):
        # A virtual queue without a binding would take nothing and never be emptied.
        dead_queue(agency, service)(channel).declare()
    inbox_queue(agency, service, bindings)(channel).declare()


def _find(channel: Any, agency: str, service: str, bindings: list[str]) -> None:
    """The queues come with the definitions (`huajie definitions`); to bind them is the service's own."""
    events_exchange()(channel).declare(passive=True)
    if bindings:
        dead_queue(agency, service)(channel).queue_declare(passive=True)
        inbox = inbox_queue(agency, service, [])(channel)
        inbox.queue_declare(passive=True)
        for key in bindings:
            inbox.bind_to(EXCHANGE, routing_key=key)
