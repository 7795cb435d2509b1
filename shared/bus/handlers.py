"""Declares which function of a service handles which event.

A handler gets the event and the session of its transaction. It may be run twice for the same event,
and events may come in another order than they happened: raise TryLater where one must come first.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import Any

from sqlalchemy.orm import Session

from shared.contracts.envelope import Envelope
from shared.contracts.registry import Contract, EventSchema, contract_of


class TryLater(Exception):
    """Something that this event builds on has not arrived yet; the text names what, by code only."""


@dataclass(frozen=True)
class Event:
    """A received event with its data as Python values (UUID, date, aware datetime)."""

    envelope: Envelope
    data: dict[str, Any]

    @property
    def id(self) -> str:
        return self.envelope.id

    @property
    def agency(self) -> str:
        """Whose event it is: the first word of its type."""
        return self.envelope.agency

    @property
    def occurred_at(self) -> datetime:
        return self.envelope.occurred_at

    def __getitem__(self, field: str) -> Any:
        return self.data[field]

    def get(self, field: str) -> Any:
        """An optional field, or None."""
        return self.data.get(field)


@dataclass(frozen=True)
class Handler:
    """One function for one event, with the fields that it cannot do without."""

    contract: Contract
    uses: frozenset[str]
    function: Callable[[Event, Session], None]

    @property
    def name(self) -> str:
        return f"{self.function.__module__}.{self.function.__name__}"

    def __call__(self, event: Event, session: Session) -> None:
        self.function(event, session)


def handles(
    schema: type[EventSchema], uses: Iterable[str] = ()
) -> Callable[[Callable[[Event, Session], None]], Handler]:
    """Make a function the handler of an event; `uses` names the data fields that it needs."""
    return lambda function: Handler(contract_of(schema), frozenset(uses), function)


def handlers_in(*modules: ModuleType) -> tuple[Handler, ...]:
    """All handlers declared in some modules, in their order."""
    return tuple(v for m in modules for v in vars(m).values() if isinstance(v, Handler))
