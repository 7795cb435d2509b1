"""Makes the JSON Schema (2020-12) of an event's whole message: the CloudEvents envelope and `data`.

The fields are converted by apispec, which drops silently whatever it does not know. So every field is
looked at first, and refused where a partner's validator would judge otherwise than our own code.
"""

import re
from collections.abc import Callable
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import EXCLUDE, fields, missing, validate

from shared.contracts.envelope import AGENCY_PATTERN, MAX_ATTRIBUTE, schema_uri
from shared.contracts.fields import WholeNumber
from shared.contracts.registry import Contract

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_FIELDS = (
    fields.String, fields.UUID, WholeNumber, fields.Boolean, fields.Date, fields.AwareDateTime, fields.List
)  # fmt: skip
_VALIDATORS = (validate.OneOf, validate.Range, validate.Length, validate.Regexp)
# Python's own syntax, classes that it reads as Unicode and ECMA 262 as ASCII, and what takes any text.
_NOT_PORTABLE = re.compile(r"\\[A-Za-z]|\(\?[^:]|\[\^|(?<!\\)\.(?![^\[]*\])")
_UNPORTABLE = (
    "has a pattern that other languages read differently or that takes any text: begin it with ^, end it "
    r"with $, say which characters, and use neither flags nor \d, \w, \s, a bare dot, [^...] or (?...)"
)


class NotExpressible(ValueError):
    """A field that JSON Schema cannot say, or would say differently; the text says what to use instead."""


def message_schema(contract: Contract) -> dict[str, Any]:
    """The JSON Schema of an event's message. Raises NotExpressible naming the event and its field."""
    schema: dict[str, Any] = {
        "$schema": DIALECT,
        "$id": schema_uri(contract),
        "title": contract.key,
        "description": contract.summary,
    }
    if contract.deprecated:
        schema["deprecated"] = True
    return schema | {
        "type": "object",
        "required": ["data", "id", "source", "specversion", "subject", "time", "type"],
        "properties": _attributes(contract) | {"data": _data_schema(contract)},
    }


def _attributes(contract: Contract) -> dict[str, Any]:
    return {
        "specversion": {"const": "1.0", "description": "The version of CloudEvents"},
        "id": _text("Unique for this source; the same again when the message is sent again"),
        "source": _text("/<agency>/<service>", pattern=f"^/{AGENCY_PATTERN}/{contract.owner}$"),
        "type": _text(
            "The routing key, five words; the first is the agency",
            pattern=rf"^{AGENCY_PATTERN}\.{re.escape(contract.key)}$",
        ),
        "subject": _text("The id of what the event is about"),
        "time": _text("When it happened, with an offset (RFC 3339)", format="date-time"),
        "datacontenttype": {"const": "application/json", "description": "How `data` is written"},
        "dataschema": {"const": schema_uri(contract), "description": "The name of this schema"},
        "correlationid": _text("The same for all events that follow from one"),
        "causationid": _text("The id of the event that caused this one"),
    }


def _text(description: str, **rules: str) -> dict[str, Any]:
    return {
        "type": "string", "minLength": 1, "maxLength": MAX_ATTRIBUTE, **rules, "description": description
    }  # fmt: skip


def _data_schema(contract: Contract) -> dict[str, Any]:
    instance = contract.schema()
    if instance.unknown != EXCLUDE or any(instance._hooks.values()):
        raise NotExpressible(
            f"{contract.key}: JSON Schema cannot say what hooks or another `unknown` do; "
            "let the class have fields only"
        )
    for name, field in instance.fields.items():
        for problem in _problems(field):
            raise NotExpressible(f"{contract.key}: the field {name} {problem}")
    # The schema language of OpenAPI 3.1 is JSON Schema 2020-12.
    spec = APISpec(contract.key, "1", openapi_version="3.1.0", plugins=[MarshmallowPlugin()])
    spec.components.schema("data", schema=contract.schema)
    data: dict[str, Any] = spec.to_dict()["components"]["schemas"]["data"]
    return data


def _problems(field: fields.Field[Any]) -> list[str]:
    """Everything about a field that would be lost or changed on the way to JSON Schema."""
    if type(field) not in _FIELDS:
        kind = type(field).__name__
        return [f"is a {kind}, which an event cannot have: use one of the makers in fields.py"]
    problems = [message for is_wrong, message in _RULES if is_wrong(field)]
    problems += [text for validator in field.validators for text in _validator_problems(validator)]
    if isinstance(field, fields.List):
        problems += [f"has items, each of which {text}" for text in _problems(field.inner)]
    return problems


def _validator_problems(validator: Any) -> list[str]:
    if type(validator) not in _VALIDATORS:
        return ["has a validator that JSON Schema cannot say: use OneOf, Range, Length or Regexp"]
    if isinstance(validator, validate.Range) and not (validator.min_inclusive and validator.max_inclusive):
        return ["has an exclusive range: give the last value that is allowed"]
    if isinstance(validator, validate.Regexp):
        pattern, flags = validator.regex.pattern, validator.regex.flags & ~re.UNICODE
        anchored = isinstance(pattern, str) and pattern.startswith("^") and pattern.endswith("$")
        if flags or not anchored or _NOT_PORTABLE.search(str(pattern)):
            return [_UNPORTABLE]
    return []


def _is_free_text(field: fields.Field[Any]) -> bool:
    closed = (validate.OneOf, validate.Regexp)
    return type(field) is fields.String and not any(isinstance(v, closed) for v in field.validators)


def _is_renamed_or_defaulted(field: fields.Field[Any]) -> bool:
    one_way = field.load_only or field.dump_only
    defaulted = field.load_default is not missing or field.dump_default is not missing
    return bool(field.data_key or field.attribute or one_way or defaulted)


def _has_loose_format(field: fields.Field[Any]) -> bool:
    zone = getattr(field, "default_timezone", None)
    return getattr(field, "format", None) not in (None, "iso") or zone is not None


def _has_loose_type(field: fields.Field[Any]) -> bool:
    if isinstance(field, WholeNumber):
        return not field.strict or field.as_string
    return isinstance(field, fields.Boolean) and (field.truthy != {True} or field.falsy != {False})


_RULES: tuple[tuple[Callable[[fields.Field[Any]], bool], str], ...] = (
    (_is_free_text, "is free text, which no event carries: give it a Regexp or a OneOf"),
    (lambda f: f.allow_none, "may be null: make it optional and leave it out instead"),
    (_is_renamed_or_defaulted, "is renamed, has a default or goes one way only: let it be plain"),
    (_has_loose_format, "has a format other than ISO 8601: leave the format out"),
    (_has_loose_type, "takes texts or numbers for other types: use count() or flag() of fields.py"),
    (lambda f: set(f.metadata) - {"description"} != set(), "has metadata other than its description"),
    (lambda f: sum(isinstance(v, validate.Regexp) for v in f.validators) > 1, "has two patterns: join them"),
)
