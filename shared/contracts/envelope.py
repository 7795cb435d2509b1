"""The CloudEvents 1.0 envelope (structured JSON) around every event.

`source` is `/<agency>/<service>`, `type` the five words of the routing key; (source, id) is unique.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeGuard
from uuid import uuid4

from marshmallow import ValidationError

from shared import clock
from shared.contracts.registry import Contract, contract_for_type, instance_of, known_versions

CONTENT_TYPE = "application/cloudevents+json"
MAX_BYTES = 256 * 1024  # RabbitMQ takes far more; no event of ours comes near this
AGENCY_PATTERN = "[a-z][a-z0-9-]*"
MAX_ATTRIBUTE = 255  # characters; the columns that keep them are as wide


# Writing it anew is what shows it, and takes as long as all else here; few texts have what could be such.
_MAY_NOT_BE_SENT_ON = re.compile(r"NaN|Infinity|\\u[dD]|\d[eE]|\d{300}|[\ud800-\udfff]")


class Unreadable(Exception):
    """A message that cannot be an event of ours; the text says why, without quoting the message."""


@dataclass(frozen=True)
class Envelope:
    """One event as it travels. `data` is JSON-ready; `load()` gives Python values."""

    id: str
    source: str
    type: str
    subject: str
    time: str
    data: dict[str, Any]
    correlationid: str
    causationid: str | None = None
    traceparent: str | None = None  # W3C Trace Context, where the producer is traced

    @property
    def contract(self) -> Contract:
        contract = contract_for_type(self.type)
        if contract is None:
            versions = known_versions(self.type)
            raise Unreadable(
                f"version is not known here, only v{max(versions)}: upgrade this service and run it again"
                if versions
                else "the type of this event is not known here"
            )
        return contract

    @property
    def agency(self) -> str:
        return self.type.split(".", 1)[0]

    @property
    def occurred_at(self) -> datetime:
        return datetime.fromisoformat(self.time)

    def load(self) -> dict[str, Any]:
        """The data as Python values. Raises Unreadable naming the wrong fields, never their values."""
        try:
            loaded: dict[str, Any] = instance_of(self.contract.schema).load(self.data)
        except ValidationError as error:
            fields = error.messages if isinstance(error.messages, dict) else {"data": error.messages}
            names = ", ".join(sorted(str(name) for name in fields))
            raise Unreadable(f"fields do not fit the contract: {names}") from error
        return loaded

    def to_json(self) -> str:
        """The structured form, keys in a fixed order."""
        body: dict[str, Any] = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": self.time,
            "datacontenttype": "application/json",
            "dataschema": schema_uri(self.contract),
            "correlationid": self.correlationid,
            "data": self.data,
        }
        if self.causationid:
            body["causationid"] = self.causationid
        if self.traceparent:
            body["traceparent"] = self.traceparent
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def schema_uri(contract: Contract) -> str:
    """The name under which the event's JSON Schema is published."""
    return f"urn:huajie:event:{contract.owner}:{contract.name}:v{contract.version}"


def build(
    contract: Contract,
    *,
    agency: str,
    subject: str,
    data: dict[str, Any],
    cause: Envelope | None = None,
    correlation_id: str | None = None,
    traceparent: str | None = None,
) -> Envelope:
    """A new envelope, dated now. The correlation is the cause's, else the given, else its own id."""
    event_id = str(uuid4())
    return Envelope(
        id=event_id,
        source=f"/{agency}/{contract.owner}",
        type=contract.type_for(agency),
        subject=subject,
        time=clock.now().isoformat(),
        data=data,
        correlationid=cause.correlationid if cause else correlation_id or event_id,
        causationid=cause.id if cause else None,
        traceparent=traceparent,
    )


def parse(body: bytes | str) -> Envelope:
    """Read an envelope. Raises Unreadable saying what is wrong, never quoting what was sent."""
    raw = _read(body)
    if raw.get("specversion") != "1.0":
        raise Unreadable("not CloudEvents 1.0: specversion is missing or another")
    for name in ("id", "source", "type", "subject", "time"):
        if not _is_attribute(raw.get(name)):
            raise Unreadable(f"the attribute {name} is missing or not 1 to 255 printable characters")
    if not isinstance(raw.get("data"), dict):
        raise Unreadable("data is missing or not a JSON object")
    _check_speaker(raw["source"], raw["type"])
    _check_time(raw["time"])
    correlation, cause = raw.get("correlationid"), raw.get("causationid")
    trace = raw.get("traceparent")
    return Envelope(
        id=raw["id"],
        source=raw["source"],
        type=raw["type"],
        subject=raw["subject"],
        time=raw["time"],
        data=raw["data"],
        correlationid=correlation if _is_attribute(correlation) else raw["id"],
        causationid=cause if _is_attribute(cause) else None,
        traceparent=trace if _is_attribute(trace) else None,
    )


def _read(body: bytes | str) -> dict[str, Any]:
    if len(body) > MAX_BYTES:
        raise Unreadable(f"larger than {MAX_BYTES // 1024} KiB")
    try:
        text = body if isinstance(body, str) else body.decode("utf-8")
        raw = json.loads(text)
        # Python's reader takes NaN, 1e999 and half a surrogate pair; what it made could not be sent on.
        if _MAY_NOT_BE_SENT_ON.search(text):
            json.dumps(raw, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Unreadable("not JSON in UTF-8, or with a NaN, an Infinity or half a character") from error
    if not isinstance(raw, dict):
        raise Unreadable("not a JSON object")
    return raw


def _is_attribute(value: Any) -> TypeGuard[str]:
    # Printable: a NUL or half a surrogate pair is legal JSON, and no database would take it.
    return isinstance(value, str) and 0 < len(value) <= MAX_ATTRIBUTE and value.isprintable()


def _check_speaker(source: str, type_: str) -> None:
    words = type_.split(".")
    if len(words) != 5 or not re.fullmatch(AGENCY_PATTERN, words[0]):
        raise Unreadable("type has not the five words <agency>.<service>.<entity>.<fact>.v<major>")
    if source != f"/{words[0]}/{words[1]}":
        raise Unreadable("source and type name different agencies or services")


def _check_time(time: str) -> None:
    try:
        moment = datetime.fromisoformat(time)
        moment.astimezone(UTC)  # raises where the offset leads out of the years 1 to 9999
        aware = moment.tzinfo is not None
    except (ValueError, OverflowError):
        aware = False
    if not aware:
        raise Unreadable("time is not an RFC 3339 date and time with an offset")
