"""Each event has two golden examples, which both sides can read, and which nobody changes afterwards."""

import json

import pytest
from jsonschema import Draft202012Validator
from marshmallow import fields
from marshmallow.validate import Regexp

from shared.contracts import envelope
from shared.contracts import fields as f
from shared.contracts.publish import PUBLISHED, Refused, example, publish
from shared.contracts.registry import EventSchema, all_contracts
from tests.contracts.examples import (
    contract_for,
    every_contract,
    every_example,
    example_message,
    example_text,
    published_schema,
    released_files,
)


@every_example
def test_example_fits_the_published_schema(contract, name):
    Draft202012Validator(
        published_schema(contract), format_checker=Draft202012Validator.FORMAT_CHECKER
    ).validate(example_message(contract, name))


@every_example
def test_example_survives_a_round_trip_through_our_code(contract, name):
    event = envelope.parse(example_text(contract, name))
    assert event.contract == contract
    assert contract.schema().dump(event.load()) == event.data
    assert envelope.parse(event.to_json()) == event


@every_contract
def test_full_has_every_field_and_minimal_only_those_required(contract):
    rules = published_schema(contract)["properties"]["data"]
    assert set(example_message(contract, "full")["data"]) == set(rules["properties"])
    assert set(example_message(contract, "minimal")["data"]) == set(rules["required"])


@every_contract
def test_minimal_has_only_the_required_attributes(contract):
    assert set(example_message(contract, "minimal")) == set(published_schema(contract)["required"])


@every_example
def test_a_newer_producer_may_say_more(contract, name):
    message = example_message(contract, name)
    message["data"]["from_the_future"] = {"deep": [1]}
    message["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    Draft202012Validator(published_schema(contract)).validate(message)
    event = envelope.parse(json.dumps(message))
    assert "from_the_future" not in event.load()


def test_each_example_is_a_message_of_its_own():
    messages = [example_message(c, name) for c in all_contracts() for name in ("minimal", "full")]
    assert len({(m["source"], m["id"]) for m in messages}) == len(messages)


def test_no_example_is_left_of_an_event_that_is_gone():
    assert {path.name for path in (PUBLISHED / "examples").iterdir()} == {c.key for c in all_contracts()}


def test_released_examples_are_as_they_were():
    released = {name: text for name, text in released_files().items() if name.startswith("examples/")}
    now = {name: PUBLISHED / name for name in released}
    changed = [n for n, path in now.items() if not path.exists() or path.read_text("utf-8") != released[n]]
    assert changed == [], "golden examples are add-only: put these back"


class Happened(EventSchema):
    """A new event, with a field of every kind."""

    thing_id = f.uuid("The thing")
    number = f.number()
    unit = f.code("A unit")
    units = f.codes("Units")
    kind = f.choice("A kind", ("small", "large"))
    on = f.day("A day")
    at = f.moment("A moment")
    times = f.count("How often", required=False)
    done = f.flag("Done")


def test_a_new_event_gets_examples_that_fit(tmp_path):
    contract = contract_for(Happened)
    written = publish([contract], directory=tmp_path)
    assert sorted(written) == [
        "asyncapi.json",
        "examples/intake.thing.happened.v1/full.json",
        "examples/intake.thing.happened.v1/minimal.json",
        "intake.thing.happened.v1.json",
    ]
    minimal = json.loads((tmp_path / "examples/intake.thing.happened.v1/minimal.json").read_text("utf-8"))
    full = json.loads((tmp_path / "examples/intake.thing.happened.v1/full.json").read_text("utf-8"))
    assert set(full["data"]) - set(minimal["data"]) == {"times"}
    assert full["subject"] == full["data"]["thing_id"] != minimal["subject"]
    assert contract.schema().dump(contract.schema().load(full["data"])) == full["data"]


def test_an_example_that_is_there_is_not_touched(tmp_path):
    publish([contract_for(Happened)], directory=tmp_path)
    path = tmp_path / "examples/intake.thing.happened.v1/full.json"
    path.write_text("{}", "utf-8")
    assert publish([contract_for(Happened)], directory=tmp_path) == []
    assert path.read_text("utf-8") == "{}"


def test_publishing_makes_the_same_bytes_each_time(tmp_path):
    for name in ("one", "two"):
        publish(all_contracts(), directory=tmp_path / name)
    files = [p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*.json")]
    assert len(files) == 3 * len(all_contracts()) + 1
    assert all((tmp_path / "one" / p).read_bytes() == (tmp_path / "two" / p).read_bytes() for p in files)


def test_an_example_that_cannot_be_made_is_asked_for():
    class Coloured(EventSchema):
        colour = fields.String(required=True, validate=Regexp("^#[0-9a-f]{6}$"))

    with pytest.raises(Refused, match="by hand: no value is known for colour"):
        example(contract_for(Coloured), "full")
