"""Events for other agencies as a service may declare them, for as long as a test lasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from shared.contracts import registry
from shared.contracts.intake import PetitionRegisteredV1
from shared.contracts.registry import EventSchema, contract_of, event
from shared.runtime.service import Service
from tests import emitted


@contextmanager
def event_for_partners(owner: str = "intake", name: str = "sample.told") -> Iterator[type[EventSchema]]:
    """An event with the data of a registration, which other agencies may have."""
    schema = type("SampleToldV1", (PetitionRegisteredV1,), {"__doc__": "A test tells it to other agencies."})
    event(name, version=1, owner=owner, audience="partners")(schema)
    key = contract_of(schema).key
    emitted.OF_TESTS.add(key)
    try:
        yield schema
    finally:
        registry._CONTRACTS.pop(key)


def also_publishing(service: Service, schema: type[EventSchema]) -> Service:
    """A service that publishes one event more."""
    return replace(service, publishes=(*service.publishes, schema))
