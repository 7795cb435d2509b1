"""Writes published/: what an agency with another language gets, and what a release freezes.

A schema that is there is replaced only by one that no partner can stumble over; an example that is
there is never touched. Everything is made and checked before the first file is written.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from jsonschema import Draft202012Validator

from shared.contracts import asyncapi
from shared.contracts.compatibility import REMEDY, breaking_changes
from shared.contracts.envelope import schema_uri
from shared.contracts.json_schema import message_schema
from shared.contracts.registry import Contract

PUBLISHED = Path(__file__).parent / "published"
EXAMPLE_NAMES = ("minimal", "full")

# What a new event's example says, by the name of the field. An example may be bettered by hand until
# it is committed.
_VALUES: dict[str, Any] = {
    "month": "2026-03",
    "document_number": "竹纪通报〔2026〕3号",
    "township": "420324100",
    "content_class": "05",
    "leader": "leader-3",
    "office": "office-2",
    "team": "team-1",
    "excluded": ["office-4"],
    "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "signature": "A" * 86 + "==",
}
_BY_KIND: dict[str, Any] = {
    "string": "office-2",
    "integer": 1,
    "date": "2026-03-16",
    "date-time": "2026-03-16T01:30:00+00:00",
}


class Refused(Exception):
    """Publishing would break a partner; `reasons` says why, one line each."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = list(reasons)


def schema_path(directory: Path, key: str) -> Path:
    """Where the schema of an event stands."""
    return directory / f"{key}.json"


def example_path(directory: Path, key: str, name: str) -> Path:
    """Where an example (`minimal` or `full`) of an event stands."""
    return directory / "examples" / key / f"{name}.json"


def asyncapi_path(directory: Path) -> Path:
    """Where the AsyncAPI document stands."""
    return directory / "asyncapi.json"


def published_keys(directory: Path = PUBLISHED) -> list[str]:
    """The events that have a published schema."""
    return sorted(p.stem for p in directory.glob("*.json") if p != asyncapi_path(directory))


def publish(
    contracts: Sequence[Contract], services: Iterable[asyncapi.Speaker] = (), directory: Path = PUBLISHED
) -> list[str]:
    """Write what is missing or changed; returns the names of the files written, relative to `directory`.

    Raises Refused where a published event would change in a way that breaks partners or would vanish,
    and NotExpressible where a field cannot be said in JSON Schema; then nothing is written.
    """
    schemas = {contract.key: message_schema(contract) for contract in contracts}
    if reasons := _reasons_against(schemas, directory):
        raise Refused(reasons)
    files = {schema_path(directory, key): schema for key, schema in schemas.items()}
    files[asyncapi_path(directory)] = asyncapi.document(contracts, services)
    for contract in contracts:
        for name in EXAMPLE_NAMES:
            path = example_path(directory, contract.key, name)
            if not path.exists():
                files[path] = example(contract, name)
    return [str(p.relative_to(directory)) for p, content in files.items() if _write(p, content)]


def _reasons_against(schemas: dict[str, dict[str, Any]], directory: Path) -> list[str]:
    reasons = []
    for key in published_keys(directory):
        if key not in schemas:
            reasons.append(
                f"{key}: is no longer declared: keep the class, with deprecated=True, and {REMEDY}"
            )
            continue
        old = json.loads(schema_path(directory, key).read_text("utf-8"))
        reasons += [f"{key}: {change}" for change in breaking_changes(old, schemas[key])]
    return reasons


def _write(path: Path, content: dict[str, Any]) -> bool:
    text = as_text(content)
    if path.exists() and path.read_text("utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", newline="\n")
    return True


def as_text(content: dict[str, Any]) -> str:
    """The form in which every published file is written: the same content gives the same bytes."""
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def example(contract: Contract, name: str) -> dict[str, Any]:
    """A message of this event, always the same: `full` says all that may be said, `minimal` what must be.

    The two are about different petitions. Raises Refused where no value is known for a field: such an
    example is written by hand.
    """
    schema = message_schema(contract)
    data_schema = schema["properties"]["data"]
    required = set(data_schema.get("required", ()))
    data = {
        field: _value(field, rules, name)
        for field, rules in data_schema["properties"].items()
        if name == "full" or field in required
    }
    message = _envelope(contract, data, name)
    wrong = [str(error.absolute_path[-1]) for error in Draft202012Validator(schema).iter_errors(message)]
    if wrong:
        fields = ", ".join(wrong)
        raise Refused([f"{contract.key}: write its examples by hand: no value is known for {fields}"])
    return message


def _envelope(contract: Contract, data: dict[str, Any], name: str) -> dict[str, Any]:
    entity = contract.name.split(".")[0]
    subject = next((f for f in (f"{entity}_id", "case_id", "petition_id") if f in data), next(iter(data)))
    message = {
        "specversion": "1.0",
        "id": _id(f"{name}/{contract.key}"),
        "source": f"/local/{contract.owner}",
        "type": contract.type_for("local"),
        "subject": str(data[subject]),
        "time": _BY_KIND["date-time"],
    }
    if name == "full":
        message |= {
            "datacontenttype": "application/json",
            "dataschema": schema_uri(contract),
            "correlationid": _id("full/correlation"),
            "causationid": _id("full/cause"),
        }
    return message | {"data": data}


def _value(field: str, rules: dict[str, Any], name: str) -> Any:
    full = name == "full"
    if rules["type"] == "boolean":
        return full
    if rules["type"] == "array":
        return _VALUES.get(field, [_BY_KIND["string"]]) if full else []
    if rules.get("format") == "uuid":
        return _id(f"{name}/{field}")
    if "enum" in rules:
        return rules["enum"][-1 if full else 0]
    if field == "number":
        return "ZX2026-000123" if full else "ZX2026-000124"
    return _VALUES.get(field, _BY_KIND[rules.get("format", rules["type"])])


def _id(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"urn:huajie:example:{name}"))
