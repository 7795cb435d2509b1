"""published/ says what the code says, and nothing that JSON Schema cannot say gets into an event."""

import re
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from marshmallow import ValidationError, fields, post_load, validate

from shared.contracts import fields as f
from shared.contracts.json_schema import NotExpressible, message_schema
from shared.contracts.publish import PUBLISHED, as_text, published_keys, schema_path
from shared.contracts.registry import EventSchema, all_contracts
from tests.contracts.examples import contract_for, every_contract, example_message, published_schema


@every_contract
def test_published_schema_is_current(contract):
    text = schema_path(PUBLISHED, contract.key).read_text("utf-8")
    assert text == as_text(message_schema(contract)), "run `make contracts`"


def test_nothing_else_is_published():
    assert published_keys() == [contract.key for contract in all_contracts()]


@every_contract
def test_published_schema_is_json_schema_2020_12(contract):
    schema = published_schema(contract)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(schema)


def test_schema_constrains_type_and_source_to_the_event():
    (contract,) = [c for c in all_contracts() if c.key == "intake.petition.registered.v1"]
    properties = message_schema(contract)["properties"]
    assert properties["type"]["pattern"] == r"^[a-z][a-z0-9-]*\.intake\.petition\.registered\.v1$"
    assert properties["source"]["pattern"] == "^/[a-z][a-z0-9-]*/intake$"


def test_deprecation_is_published():
    class Old(EventSchema):
        thing_id = f.uuid("The thing")

    assert message_schema(contract_for(Old, deprecated=True))["deprecated"] is True
    assert "deprecated" not in message_schema(contract_for(Old))


def _is_even(value: int) -> None:
    if value % 2:
        raise ValidationError("odd")


REFUSED = {
    "function": (fields.Function(lambda thing: 1), "Function"),
    "method": (fields.Method(), "Method"),
    "raw": (fields.Raw(), "Raw"),
    "dict": (fields.Dict(), "Dict"),
    "float": (fields.Float(), "Float"),
    "email": (fields.Email(), "Email"),
    "naive time": (fields.NaiveDateTime(), "NaiveDateTime"),
    "free text": (fields.String(required=True), "free text"),
    "free text of a length": (fields.String(validate=validate.Length(max=10)), "free text"),
    "free text in a list": (fields.List(fields.String()), "items, each of which is free text"),
    "own validator": (f.WholeNumber(strict=True, validate=_is_even), "JSON Schema cannot say"),
    "exclusive range": (
        f.WholeNumber(strict=True, validate=validate.Range(min=0, min_inclusive=False)),
        "exclusive",
    ),
    "unanchored pattern": (fields.String(validate=validate.Regexp("a+")), "other languages"),
    "pattern with flags": (fields.String(validate=validate.Regexp("^a+$", re.IGNORECASE)), "other languages"),
    "unicode digits": (fields.String(validate=validate.Regexp(r"^\d+$")), "other languages"),
    "any text": (fields.String(validate=validate.Regexp("^a.+$")), "any text"),
    "nearly any text": (fields.String(validate=validate.Regexp("^[^a]+$")), "any text"),
    "two patterns": (
        fields.String(validate=[validate.Regexp("^a+$"), validate.Regexp("^b+$")]),
        "two patterns",
    ),
    "other integer": (fields.Integer(strict=True), "Integer"),
    "lax integer": (f.WholeNumber(), "count()"),
    "lax flag": (fields.Boolean(), "flag()"),
    "null": (fields.UUID(allow_none=True), "null"),
    "default": (f.WholeNumber(strict=True, load_default=1), "default"),
    "renamed": (fields.UUID(data_key="other"), "renamed"),
    "one way": (fields.UUID(dump_only=True), "one way"),
    "odd date": (fields.Date(format="%d.%m.%Y"), "ISO 8601"),
    "default zone": (fields.AwareDateTime(default_timezone=UTC), "ISO 8601"),
    "metadata that overrides": (fields.UUID(metadata={"pattern": "^a$"}), "metadata"),
}


@pytest.mark.parametrize(("field", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_a_field_that_cannot_be_said_is_refused_by_name(field, reason):
    schema = EventSchema.from_dict({"thing_id": f.uuid("The thing"), "odd_one": field})
    with pytest.raises(NotExpressible, match=r"intake\.thing\.happened\.v1: the field odd_one ") as refusal:
        message_schema(contract_for(schema))
    assert reason in str(refusal.value)


@pytest.mark.parametrize("pattern", [r"^v[0-9]+\.[0-9]+$", "^[a-z.]+$", "^(?:a|b)$"])
def test_a_plain_pattern_is_published_as_it_is(pattern):
    field = fields.String(required=True, validate=validate.Regexp(pattern))
    schema = message_schema(contract_for(EventSchema.from_dict({"part": field})))
    assert schema["properties"]["data"]["properties"]["part"]["pattern"] == pattern


def test_hooks_are_refused():
    class Hooked(EventSchema):
        thing_id = f.uuid("The thing")

        @post_load
        def change(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
            return data

    with pytest.raises(NotExpressible, match="hooks"):
        message_schema(contract_for(Hooked))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=70),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
def test_what_the_schema_accepts_our_code_accepts(data):
    """A partner who checks against published/ is never refused here, whatever one field holds."""
    contract = data.draw(st.sampled_from(all_contracts()))
    message = example_message(contract, "full")
    rules = published_schema(contract)["properties"]["data"]["properties"]
    name = data.draw(st.sampled_from(sorted(rules)))
    near = _near(rules[name])
    message["data"][name] = data.draw(JSON | near)
    checker = Draft202012Validator(
        published_schema(contract), format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    if checker.is_valid(message):
        contract.schema().load(message["data"])


def _near(rules: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values close to what the rules ask for, on both sides."""
    if rules.get("format") == "date-time":
        return st.datetimes().map(lambda d: d.isoformat() + "+08:00") | st.datetimes().map(str)
    if rules.get("format") == "date":
        return st.dates().map(str) | st.just("20260302")
    if rules.get("format") == "uuid":
        return st.uuids().map(str) | st.uuids().map(lambda u: u.hex)
    if "enum" in rules:
        return st.sampled_from([*rules["enum"], "another"])
    if "pattern" in rules:
        return st.from_regex(rules["pattern"])
    if rules["type"] == "array":
        return st.lists(st.from_regex(rules["items"]["pattern"]), max_size=120)
    return st.integers(min_value=-2) | st.booleans()
