"""A broker that two agencies share, with the users, rights and queues of `huajie definitions`."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services import all_services
from shared.bus.definitions import definitions, user_name, users
from shared.bus.passwords import hash_password
from shared.contracts.registry import EventSchema
from tests.bus.partners import also_publishing, event_for_partners
from tests.processes import HOST
from tests.servers import RabbitMQ

OWN, PARTNER = "zhuxi", "police"
NAMES = [service.name for service in all_services()]
Load = Callable[..., str]


@pytest.fixture
def told() -> Iterator[type[EventSchema]]:
    """An event of intake that other agencies may have."""
    with event_for_partners() as schema:
        yield schema


@pytest.fixture
def load(rabbit: RabbitMQ, tmp_path: Path) -> Iterator[Load]:
    """Loads definitions into a vhost of the test's own; gives its name."""
    made = []

    def load_definitions(**changes: Any) -> str:
        vhost = f"defs-{uuid4().hex[:8]}"
        services = changes.pop("services", all_services())
        names = users(services, OWN, {PARTNER: NAMES})
        hashes = {name: hash_password(f"secret of {name}") for name in names}
        made_of = definitions(services, OWN, hashes, partners={PARTNER: NAMES}, vhost=vhost, **changes)
        file = tmp_path / f"{vhost}.json"
        file.write_text(json.dumps(made_of))
        rabbit.ctl("import_definitions", str(file))
        rabbit.ctl("set_permissions", "-p", vhost, "guest", ".*", ".*", ".*")
        made.append(vhost)
        return vhost

    yield load_definitions
    for vhost in made:
        rabbit.ctl("delete_vhost", vhost)


def address(rabbit: RabbitMQ, vhost: str, agency: str, service: str) -> str:
    """How a service signs in."""
    name = user_name(agency, service)
    return f"amqp://{name}:{f'secret of {name}'.replace(' ', '%20')}@{HOST}:{rabbit.port}/{vhost}"


def with_told(schema: type[EventSchema]) -> tuple[Any, ...]:
    """The five services, of which intake publishes one event more."""
    return tuple(also_publishing(s, schema) if s.name == "intake" else s for s in all_services())
