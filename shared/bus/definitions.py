"""RabbitMQ's definitions, made from what the services declare: users, rights, queues, policies.

A user per service of an agency may do what that service declares and nothing more. It may make nothing:
whoever may make an exchange or a queue and write to `events` could forge through it (a binding between
exchanges, an alternate exchange and dead-lettering all pass by the topic permissions).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.bus import topology
from shared.bus.federation import Link, link_definitions
from shared.contracts.registry import contract_of
from shared.runtime.service import Service

VHOST = "huajie"
NOTHING = "^$"
# Tunables; they can be changed at any time by loading the definitions again.
DELIVERY_LIMIT = 20
INBOX_MESSAGES = 1_000_000  # then publishers are refused: outboxes keep what they have, and try again
DEAD_BYTES = 64 * 1024 * 1024
LINK_BYTES = 1024 * 1024 * 1024  # of a partner's broker that stays away; catch-up brings it the rest

Definition = dict[str, Any]


def user_name(agency: str, service: str) -> str:
    """The name under which a service of an agency signs in to the bus."""
    return f"{agency}.{service}"


def users(
    services: Iterable[Service],
    agency: str,
    partners: Mapping[str, Iterable[str]],
    links: Iterable[Link] = (),
) -> list[str]:
    """Everyone who signs in to this bus: the agency's services, the partners', the partners' brokers."""
    own = [(agency, service.name) for service in services]
    theirs = [(partner, name) for partner, names in partners.items() for name in names]
    return [user_name(*each) for each in own + theirs] + [link.user for link in links]


def definitions(
    services: Sequence[Service],
    agency: str,
    password_hashes: Mapping[str, str],
    *,
    partners: Mapping[str, Iterable[str]] | None = None,
    links: Sequence[Link] = (),
    vhost: str = VHOST,
) -> Definition:
    """What `rabbitmqctl import_definitions` and `load_definitions` take.

    `password_hashes`: by user, see `shared.bus.passwords`; raises KeyError where one lacks. `partners`:
    agencies on this bus with the services that they run; `links`: those with a broker of their own.
    """
    partners = {name: list(runs) for name, runs in (partners or {}).items()}
    by_name = {service.name: service for service in services}
    members = [(agency, service) for service in services]
    members += [(partner, by_name[name]) for partner, names in partners.items() for name in names]
    made: Definition = {
        "vhosts": [{"name": vhost}],
        "users": [_user(name, password_hashes[name]) for name in users(services, agency, partners, links)],
        "permissions": [_permission(*member, vhost) for member in members],
        "topic_permissions": [_topic_permission(*member, vhost) for member in members],
        "exchanges": [topic_exchange(topology.EXCHANGE, vhost)],
        "queues": [queue for member in members for queue in _queues(*member, vhost)],
        "bindings": [],
        "policies": _policies(vhost),
        "parameters": [],
    }
    for link in links:
        for kind, entries in link_definitions(link, agency, members, services, vhost).items():
            made[kind] += entries
    return made


def topic_exchange(name: str, vhost: str) -> Definition:
    return {
        "name": name,
        "vhost": vhost,
        "type": "topic",
        "durable": True,
        "auto_delete": False,
        "internal": False,
        "arguments": {},
    }


def exactly(texts: Iterable[str]) -> str:
    """A regular expression that takes these texts and no other."""
    return f"^({'|'.join(re.escape(text) for text in sorted(texts))})$" if (texts := list(texts)) else NOTHING


def _user(name: str, password_hash: str) -> Definition:
    return {
        "name": name,
        "password_hash": password_hash,
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": [],
    }


def _permission(agency: str, service: Service, vhost: str) -> Definition:
    """Publish to `events`; take from the own inbox, and bind it (which is writing to it)."""
    inbox = [topology.inbox_name(agency, service.name)] if service.handlers else []
    return {
        "user": user_name(agency, service.name),
        "vhost": vhost,
        "configure": NOTHING,
        "write": exactly([topology.EXCHANGE, *inbox]),
        "read": exactly([topology.EXCHANGE, *inbox] if inbox else []),
    }


def _topic_permission(agency: str, service: Service, vhost: str) -> Definition:
    """The keys that it publishes under, and the texts of its bindings: the star is meant as a star."""
    return {
        "user": user_name(agency, service.name),
        "vhost": vhost,
        "exchange": topology.EXCHANGE,
        "write": exactly(contract_of(schema).type_for(agency) for schema in service.publishes),
        "read": exactly(service.bindings(agency)),
    }


def _queues(agency: str, service: Service, vhost: str) -> list[Definition]:
    if not service.handlers:
        return []
    inbox, dead = topology.inbox_name(agency, service.name), topology.dead_name(agency, service.name)
    common = {"vhost": vhost, "durable": True, "auto_delete": False}
    return [
        {"name": inbox, "arguments": topology.inbox_arguments(agency, service.name), **common},
        {"name": dead, "arguments": topology.DEAD_ARGUMENTS, **common},
    ]


def _policies(vhost: str) -> list[Definition]:
    limits: dict[str, tuple[str, Definition]] = {
        "inbox": (topology.INBOXES, {"delivery-limit": DELIVERY_LIMIT, "max-length": INBOX_MESSAGES}),
        "dead": (topology.DEAD, {"max-length-bytes": DEAD_BYTES, "overflow": "drop-head"}),
        "link": (topology.FEDERATION_QUEUES, {"max-length-bytes": LINK_BYTES, "overflow": "drop-head"}),
    }
    return [
        {
            "name": name,
            "vhost": vhost,
            "pattern": pattern,
            "apply-to": "queues",
            "definition": definition,
            "priority": 0,
        }
        for name, (pattern, definition) in limits.items()
    ]
