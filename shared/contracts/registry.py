"""Declares each event once: name, version, owner, fields.

The JSON Schema, the AsyncAPI document, the routing keys, the permissions and the contract tests are
all made from what is registered here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from marshmallow import EXCLUDE, Schema


class EventSchema(Schema):
    """Base of every event's fields. Unknown fields are ignored: a newer producer may send more."""

    class Meta:
        unknown = EXCLUDE


@dataclass(frozen=True)
class Contract:
    """One event in one version."""

    name: str  # "petition.registered"
    version: int
    owner: str  # the service that alone may publish it
    schema: type[EventSchema]
    summary: str
    audience: str  # "services": this installation's; "partners": other agencies' too
    deprecated: bool

    @property
    def key(self) -> str:
        """The type without the agency: `<service>.<entity>.<fact>.v<major>`."""
        return f"{self.owner}.{self.name}.v{self.version}"

    def type_for(self, agency: str) -> str:
        """Routing key and CloudEvents type, five words: `<agency>.<service>.<entity>.<fact>.v<major>`."""
        return f"{agency}.{self.key}"

    @property
    def for_partners(self) -> bool:
        """Whether other agencies may have it."""
        return self.audience == "partners"

    def binding_for(self, agency: str) -> str:
        """The exact key that a queue of an agency binds to: its own events, or of any agency for partners."""
        return f"{'*' if self.for_partners else agency}.{self.key}"


def key_of(binding: str) -> str:
    """The key of the event that a binding asks for."""
    return binding.partition(".")[2]


_CONTRACTS: dict[str, Contract] = {}
_BY_SCHEMA: dict[type[EventSchema], Contract] = {}
S = TypeVar("S", bound=type[EventSchema])


def event(
    name: str, *, version: int, owner: str, audience: str = "services", deprecated: bool = False
) -> Callable[[S], S]:
    """Register a schema class as an event. `name` is `<entity>.<past-tense fact>`, two plain words."""
    words = name.split(".")
    if len(words) != 2 or not all(word.isalpha() and word.islower() for word in words):
        raise ValueError(f"event name {name!r} must be two lower-case words joined by a dot")

    def register(schema: S) -> S:
        summary = (schema.__doc__ or "").strip()
        contract = Contract(name, version, owner, schema, summary, audience, deprecated)
        if contract.key in _CONTRACTS:
            raise ValueError(f"{contract.key} is declared twice")
        _CONTRACTS[contract.key] = _BY_SCHEMA[schema] = contract
        return schema

    return register


def _declare() -> None:
    from shared.contracts import assignment, intake, notify, reporting, supervision  # noqa: F401


def all_contracts() -> list[Contract]:
    """Every declared event, in the order of its key."""
    _declare()
    return [_CONTRACTS[key] for key in sorted(_CONTRACTS)]


def contract_of(schema: type[EventSchema]) -> Contract:
    """The contract that a schema class was registered as."""
    try:
        return _BY_SCHEMA[schema]
    except KeyError:
        raise LookupError(f"{schema.__name__} is not registered with @event") from None


def contract_for_type(type_: str) -> Contract | None:
    """The contract of a full five-word type, or None where this version of the code knows none."""
    _declare()
    return _CONTRACTS.get(type_.partition(".")[2])


def contract_named(key: str) -> Contract:
    """The contract of a key such as `intake.petition.registered.v1`. Raises KeyError."""
    _declare()
    return _CONTRACTS[key]


def known_versions(type_: str) -> list[int]:
    """Which versions of the same event are known, for a message of a version that is not."""
    _declare()
    stem = type_.partition(".")[2].rpartition(".v")[0]
    return [c.version for c in _CONTRACTS.values() if f"{c.owner}.{c.name}" == stem]


def keys(schemas: Iterable[type[EventSchema]]) -> set[str]:
    """The keys of several schema classes."""
    return {contract_of(schema).key for schema in schemas}


def dump(schema: type[EventSchema], values: dict[str, Any]) -> dict[str, Any]:
    """Make the `data` of an event from Python values and check it against its own rules.

    Raises marshmallow.ValidationError: a wrong event fails where it is made, not at a partner's.
    """
    unknown = set(values) - set(schema._declared_fields)
    if unknown:
        raise ValueError(f"{schema.__name__} has no field {', '.join(sorted(unknown))}")
    made = instance_of(schema)
    data: dict[str, Any] = made.dump({k: v for k, v in values.items() if v is not None})
    made.load(data)
    return data


@cache
def instance_of(schema: type[EventSchema]) -> EventSchema:
    """The one instance of a schema class: making one takes longer than using it."""
    return schema()
