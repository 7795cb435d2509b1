"""Makes the AsyncAPI 3.0.0 document: which service says what, on which routing key, in which form.

It is derived from the registry and the services, never written by hand. Payloads are inlined without
`$schema` and `$id`, since AsyncAPI's own schema language has no references by URN.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from shared.bus.topology import EXCHANGE
from shared.contracts.envelope import CONTENT_TYPE
from shared.contracts.json_schema import message_schema
from shared.contracts.registry import Contract, EventSchema, contract_of

VERSION = "3.0.0"
_AMQP = "0.3.0"  # of the bindings, which have versions of their own


class Speaker(Protocol):
    """What is read of a service."""

    @property
    def name(self) -> str: ...
    @property
    def publishes(self) -> Sequence[type[EventSchema]]: ...
    @property
    def subscribes(self) -> Sequence[type[EventSchema]]: ...


def document(contracts: Iterable[Contract], services: Iterable[Speaker] = ()) -> dict[str, Any]:
    """The AsyncAPI document. Without services each event is sent by its owner and received by nobody."""
    contracts, services = list(contracts), list(services)
    return {
        "asyncapi": VERSION,
        "info": {
            "title": "Huajie events",
            "version": "1",
            "description": (
                "What the services of Huajie tell each other about petitions. Each event is a CloudEvents "
                "1.0 message in structured JSON. A version only grows by optional fields: ignore what you "
                "do not know. The same event may come more than once and out of order: (source, id) tells."
            ),
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {contract.key: _channel(contract) for contract in contracts},
        "operations": _operations(contracts, services),
        "components": {"messages": {contract.key: _message(contract) for contract in contracts}},
    }


def _channel(contract: Contract) -> dict[str, Any]:
    return {
        "address": contract.type_for("{agency}"),
        "title": contract.name,
        "parameters": {
            "agency": {
                "description": "The agency that speaks, one word; `*` in a binding hears all of them",
                "default": "local",
            }
        },
        "messages": {contract.key: {"$ref": f"#/components/messages/{contract.key}"}},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": EXCHANGE, "type": "topic", "durable": True, "autoDelete": False},
                "bindingVersion": _AMQP,
            }
        },
    }


def _message(contract: Contract) -> dict[str, Any]:
    schema = message_schema(contract)
    message: dict[str, Any] = {
        "name": contract.key,
        "title": contract.schema.__name__,
        "summary": contract.summary,
        "contentType": CONTENT_TYPE,
        "payload": {name: rule for name, rule in schema.items() if not name.startswith("$")},
    }
    if contract.deprecated:
        message["deprecated"] = True
    return message


def _operations(contracts: list[Contract], services: list[Speaker]) -> dict[str, Any]:
    if services:
        sends = [(s.name, contract_of(schema)) for s in services for schema in s.publishes]
    else:
        sends = [(contract.owner, contract) for contract in contracts]
    receives = [(s.name, contract_of(schema)) for s in services for schema in s.subscribes]
    operations = {
        f"{service}.{action}.{contract.key}": _operation(service, action, contract)
        for action, spoken in (("send", sends), ("receive", receives))
        for service, contract in spoken
    }
    return dict(sorted(operations.items()))


def _operation(service: str, action: str, contract: Contract) -> dict[str, Any]:
    amqp: Mapping[str, Any] = {"deliveryMode": 2, "mandatory": True} if action == "send" else {"ack": True}
    channel = f"#/channels/{contract.key}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "title": f"{service} {action}s {contract.name}",
        "messages": [{"$ref": f"{channel}/messages/{contract.key}"}],
        "bindings": {"amqp": {**amqp, "bindingVersion": _AMQP}},
    }
