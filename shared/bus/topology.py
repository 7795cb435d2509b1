"""The only place where exchanges and queues are named, and their arguments set."""

from kombu import Connection, Exchange, Queue
from kombu.transport.virtual import Channel as VirtualChannel

EXCHANGE = "events"


def inbox_name(agency: str, service: str) -> str:
    """The queue that brings a service its events."""
    return f"{agency}.{service}.inbox"


def dead_name(agency: str, service: str) -> str:
    """Where messages end that could not even be stored."""
    return f"{agency}.{service}.dead"


def events_exchange() -> Exchange:
    return Exchange(EXCHANGE, type="topic", durable=True)


def inbox_queue(agency: str, service: str, bindings: list[str]) -> Queue:
    """The quorum queue of a service, bound to the exact versions that it handles (no `#`).

    Tunables such as the delivery limit belong into policies: a queue's arguments can't change later.
    """
    exchange = events_exchange()
    return Queue(
        inbox_name(agency, service),
        bindings=[_binding(exchange, key) for key in bindings],
        durable=True,
        queue_arguments={
            "x-queue-type": "quorum",
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": dead_name(agency, service),
            # at-least-once needs reject-publish; without it RabbitMQ falls back to at-most-once.
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
            "x-delivery-limit": 20,
        },
    )


def dead_queue(agency: str, service: str) -> Queue:
    return Queue(dead_name(agency, service), durable=True, queue_arguments={"x-queue-type": "quorum"})


def _binding(exchange: Exchange, key: str) -> object:
    from kombu import binding

    return binding(exchange, routing_key=key)


def declare(connection: Connection, agency: str, service: str, bindings: list[str]) -> None:
    """Declare what a service needs on the bus. Safe to repeat."""
    with connection.channel() as channel:
        events_exchange()(channel).declare()
        if not isinstance(channel, VirtualChannel):
            # A virtual queue without a binding would take nothing and never be emptied.
            dead_queue(agency, service)(channel).declare()
        inbox_queue(agency, service, bindings)(channel).declare()
