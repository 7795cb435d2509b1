"""Feeds golden examples to the handlers of a service, in the service's own database.

What must come first (TryLater) is fed from the other golden examples: they tell one story. What a service
itself must know first is made the way it comes about, by PREREQUISITES.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from services import all_services
from shared import clock
from shared.bus.handlers import Event, Handler, TryLater
from shared.contracts import envelope
from shared.contracts.envelope import Envelope
from shared.contracts.registry import Contract, contract_of
from shared.db.engine import Database
from shared.runtime.service import Service
from tests.contracts.examples import example_text
from tests.factories import new_petition
from tests.ground import Ground, settings_for

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)  # after everything in the golden examples

every_subscription = pytest.mark.parametrize(
    ("service", "contract"),
    [
        pytest.param(service, contract_of(schema), id=f"{service.name}<-{contract_of(schema).key}")
        for service in all_services()
        for schema in service.subscribes
    ],
)


def _register_at_intake(directory: Path, petition_id: str) -> None:
    """Intake speaks of petitions that it has registered itself."""
    with Ground(settings_for(directory)) as ground:
        new_petition(ground, petition_id=petition_id)


PREREQUISITES: dict[str, Callable[[Path, str], None]] = {"intake": _register_at_intake}


class Watched(Event):
    """Notes which fields a handler reads by `event["..."]`."""

    read: set[str] = set()

    def __getitem__(self, field: str) -> Any:
        self.read.add(field)
        return super().__getitem__(field)


class Consumer:
    """One service's handlers on a prepared database."""

    def __init__(self, service: Service, directory: Path) -> None:
        self.service, self._directory = service, directory
        self.db = Database(settings_for(directory).database_url_for(service.name), agency="local")
        self.read: set[str] = set()

    def handlers(self, key: str) -> list[Handler]:
        return [handler for handler in self.service.handlers if handler.contract.key == key]

    def give(self, event: Envelope) -> None:
        """Run the handlers in one transaction. Raises what they raise."""
        watched = Watched(event, event.load())
        watched.read.clear()
        with self.db.write() as session:
            session.info["cause"] = event
            for handler in self.handlers(event.contract.key):
                handler(watched, session)
        self.read = set(watched.read)

    def accept(self, event: Envelope, story: str) -> None:
        """Give an event, after what must come before it where it says so. Raises what still goes wrong."""
        try:
            self.give(event)
        except TryLater:
            make = PREREQUISITES.get(self.service.name)
            if make:
                make(self._directory, event.data["petition_id"])
            self.tell(story, without=event.contract)
            self.give(event)

    def tell(self, story: str, without: Contract) -> None:
        """Give the golden examples of one story, those again that must wait for another."""
        waiting = [golden(contract_of(s), story) for s in self.service.subscribes]
        waiting = [event for event in waiting if event.contract.key != without.key]
        while waiting:
            left = []
            for event in waiting:
                try:
                    self.give(event)
                except TryLater:
                    left.append(event)
            if len(left) == len(waiting):
                return  # these wait for the very event that is to be tried
            waiting = left

    def everything(self) -> dict[str, list[str]]:
        """All rows of all tables that handlers may write, outbox with them; to be compared."""
        found: dict[str, list[str]] = {}
        with self.db.read() as session:
            for metadata in self.service.all_metadata:
                for name, table in metadata.tables.items():
                    found[name] = sorted(repr(tuple(row)) for row in session.execute(select(table)))
        return found


@contextmanager
def consumer(service: Service, prepared: Path, directory: Path) -> Iterator[Consumer]:
    """A service's handlers on a fresh copy of its prepared database, on a day after the examples' story."""
    shutil.copytree(prepared, directory / "var")
    made = Consumer(service, directory / "var")
    with clock.travel(NOW):
        yield made
    made.db.close()


def golden(contract: Contract, story: str) -> Envelope:
    return envelope.parse(example_text(contract, story))


def changed(event: Envelope, *, without: Sequence[str] = (), **more: Any) -> Envelope:
    """The event with other data."""
    data = {name: value for name, value in event.data.items() if name not in without}
    return replace(event, data=data | more)


def optional_fields(contract: Contract) -> list[str]:
    """The fields that an older producer may leave out."""
    return [name for name, field in contract.schema().fields.items() if not field.required]
