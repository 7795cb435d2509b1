"""Tells a partner in any language whether a message is right, by the published schemas.

On failure it names the attribute or field and what it should be. The value itself is never shown:
a message that is wrong may carry what no log should.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError

from shared.contracts import envelope
from shared.contracts.envelope import Unreadable

_PUBLISHED = Path(__file__).parent / "published"
_TYPES = {
    "string": "a text", "integer": "a whole number", "boolean": "true or false",
    "array": "a list", "object": "an object",
}  # fmt: skip
_FORMATS = {
    "uuid": "a UUID such as 0b6f2c1e-93a4-4f0e-8a53-5c1b2f6d7e80",
    "date": "a date such as 2026-03-31",
    "date-time": "a date and time with an offset such as 2026-03-31T09:30:00+08:00",
}
_LIMITS = {
    "minimum": "{} or more",
    "maximum": "{} or less",
    "minLength": "{} or more characters long",
    "maxLength": "{} or fewer characters long",
    "minItems": "{} or more items",
    "maxItems": "{} or fewer items",
}


@dataclass(frozen=True)
class Verdict:
    """What was found about one message: right where there are no problems."""

    label: str  # "", or "message 3" where a file holds several
    type: str  # the event's key, where it could be told
    problems: Sequence[str]


def check(content: bytes) -> list[Verdict]:
    """Judge what a file holds: one message, a JSON list of messages, or one message a line."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [Verdict("", "", ["is not text in UTF-8: save it so"])]
    messages = _split(text)
    if not messages:
        return [Verdict("", "", ["holds no message"])]
    several = len(messages) > 1
    return [
        _judge(message, f"message {number}" if several else "") for number, message in enumerate(messages, 1)
    ]


def _split(text: str) -> list[str]:
    try:
        whole = json.loads(text)
        return [json.dumps(m, ensure_ascii=False) for m in whole] if isinstance(whole, list) else [text]
    except (ValueError, RecursionError):
        lines = [line for line in text.split("\n") if line.strip()]
        return lines if len(lines) > 1 and _is_json(lines[0]) else [text] if lines else []


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _judge(text: str, label: str) -> Verdict:
    try:
        message = json.loads(text)
    except ValueError as error:
        where = (
            f": line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        )
        return Verdict(label, "", [f"is not JSON{where}"])
    except RecursionError:
        return Verdict(label, "", ["is nested too deeply"])
    if not isinstance(message, dict):
        return Verdict(label, "", ["is not a JSON object"])
    key = str(message.get("type")).partition(".")[2]
    if key not in _schema_files():
        return Verdict(label, "", [_unknown_type(message, key)])
    problems = list(dict.fromkeys(_problems(message, key)))
    return Verdict(label, key, problems or _last_look(text))


def _problems(message: dict[str, Any], key: str) -> Iterator[str]:
    errors = _validator(key).iter_errors(message)
    for error in sorted(errors, key=lambda e: (list(map(str, e.absolute_path)), str(e.validator))):
        yield from _explain(error)


def _explain(error: Any) -> Iterator[str]:
    path = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error.absolute_path).lstrip(".")
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        yield from (f"{path}.{name} is missing".lstrip(".") for name in missing)
    else:
        yield f"{path} must be {_expected(str(error.validator), error.validator_value)}"


def _expected(keyword: str, value: Any) -> str:
    if keyword == "type":
        return _TYPES[value]
    if keyword == "format":
        return _FORMATS[value]
    if keyword == "enum":
        return f"one of {', '.join(value)}"
    if keyword == "const":
        return f'"{value}"'
    if keyword == "pattern":
        return f"a text of the form {value}"
    return _LIMITS[keyword].format(value)


def _unknown_type(message: dict[str, Any], key: str) -> str:
    if not isinstance(message.get("type"), str):
        return "type is missing or not a text"
    stem, _, version = key.rpartition(".v")
    known = [k.rpartition(".v")[2] for k in _schema_files() if k.rpartition(".v")[0] == stem]
    if known and version.isdecimal():
        return f"type has a version that is not published here: there is v{', v'.join(known)}"
    return "type must be <agency>. and the name of a published event: see `python -m shared.contracts list`"


def _last_look(text: str) -> list[str]:
    """What no schema can say, such as that source and type name the same agency."""
    try:
        envelope.parse(text).load()
    except Unreadable as error:
        return [str(error)]
    return []


@cache
def _schema_files() -> dict[str, Path]:
    return {path.stem: path for path in sorted(_PUBLISHED.glob("*.v*.json"))}


@cache
def _validator(key: str) -> Any:
    schema = json.loads(_schema_files()[key].read_text("utf-8"))
    extend: Any = validators.extend
    # Python's `$` lets a line end follow, ECMA's does not; all our patterns are anchored at both ends.
    strict = extend(Draft202012Validator, {"pattern": _whole_pattern})
    return strict(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _whole_pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not re.fullmatch(pattern, instance):
        yield ValidationError("does not match")
