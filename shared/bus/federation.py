"""What joins this broker to the own broker of a partner agency: exchange federation, in both directions.

Each side takes from the other's `out.<taker>`, which is given only events for partners; so no internal one
ever leaves. What comes arrives in `in.<partner>`, from which only keys of that partner go on to `events`; so
no partner can speak for another, although federation passes by the topic permissions.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.bus import topology
from shared.contracts.registry import contract_of
from shared.runtime.service import Service

Entries = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Link:
    """A partner agency with a broker of its own, and the address (with password) at which it takes us in."""

    agency: str
    upstream: str = field(repr=False)  # amqps://<our agency>.federation:password@host:5671/vhost?…

    @property
    def user(self) -> str:
        """The name under which the partner's broker signs in to ours."""
        return f"{self.agency}.federation"


def link_definitions(
    link: Link,
    agency: str,
    members: Iterable[tuple[str, Service]],
    services: Sequence[Service],
    vhost: str,
) -> Entries:
    """The entries that a link adds to the definitions. `members`: whose events this bus carries."""
    from shared.bus.definitions import topic_exchange

    incoming, outgoing = topology.incoming_name(link.agency), topology.outgoing_name(link.agency)
    out = [key for member in members for key in _types_for_partners(*member)]
    in_ = [key for service in services for key in _types_for_partners(link.agency, service)]
    return {
        "exchanges": [topic_exchange(incoming, vhost), topic_exchange(outgoing, vhost)],
        "bindings": [
            *(_between(topology.EXCHANGE, outgoing, key, vhost) for key in out),
            *(_between(incoming, topology.EXCHANGE, key, vhost) for key in in_),
        ],
        "permissions": [_permission(link, outgoing, vhost)],
        "parameters": [_upstream(link, agency, vhost)],
        "policies": [_policy(link, incoming, vhost)],
    }


def _types_for_partners(agency: str, service: Service) -> list[str]:
    contracts = [contract_of(schema) for schema in service.publishes]
    return sorted(contract.type_for(agency) for contract in contracts if contract.for_partners)


def _between(source: str, destination: str, key: str, vhost: str) -> dict[str, Any]:
    return {
        "source": source,
        "vhost": vhost,
        "destination": destination,
        "destination_type": "exchange",
        "routing_key": key,
        "arguments": {},
    }


def _permission(link: Link, outgoing: str, vhost: str) -> dict[str, Any]:
    """What a link makes on the side that it takes from: a queue and exchanges named after both ends."""
    own = f"federation: {re.escape(outgoing)} -> .*"
    return {
        "user": link.user,
        "vhost": vhost,
        "configure": f"^{own}$",
        "write": f"^{own}$",
        "read": f"^({own}|{re.escape(outgoing)})$",
    }


def _upstream(link: Link, agency: str, vhost: str) -> dict[str, Any]:
    return {
        "component": "federation-upstream",
        "vhost": vhost,
        "name": link.agency,
        "value": {
            "uri": link.upstream,
            "exchange": topology.outgoing_name(agency),
            "ack-mode": "on-confirm",
            "max-hops": 1,  # an event never travels on to a third broker, nor back
            "trust-user-id": False,
            "reconnect-delay": 5,  # seconds
        },
    }


def _policy(link: Link, incoming: str, vhost: str) -> dict[str, Any]:
    return {
        "name": incoming,
        "vhost": vhost,
        "pattern": f"^{re.escape(incoming)}$",
        "apply-to": "exchanges",
        "definition": {"federation-upstream": link.agency},
        "priority": 0,
    }
