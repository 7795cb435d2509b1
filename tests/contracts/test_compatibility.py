"""The versioning rules, one by one, and what publishing refuses for their sake."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import fields as f
from shared.contracts.compatibility import breaking_changes
from shared.contracts.json_schema import message_schema
from shared.contracts.publish import PUBLISHED, Refused, publish, published_keys
from shared.contracts.registry import EventSchema, all_contracts
from tests.contracts.examples import contract_for, released_files


def _fields():
    return {
        "thing_id": f.uuid("The thing"),
        "kind": f.choice("A kind", ("small", "large")),
        "unit": f.code("A unit", required=False),
        "units": f.codes("Units"),
        "times": f.count("How often"),
    }


def _schema(**changed):
    named = {name: field for name, field in (_fields() | changed).items() if field is not None}
    return message_schema(contract_for(EventSchema.from_dict(named)))


OLD = _schema()

BREAKING = {
    "removed": (_schema(unit=None), "data.unit was removed or renamed"),
    "retyped": (_schema(times=f.flag("How often")), "data.times changed its type from integer to boolean"),
    "other format": (_schema(unit=f.day("A unit", required=False)), "data.unit changed its format"),
    "optional to required": (_schema(unit=f.code("A unit")), "data.unit was optional and became required"),
    "required to optional": (
        _schema(times=f.count("How often", required=False)),
        "data.times was required and became optional",
    ),
    "new and required": (_schema(extra=f.code("More")), "data.extra is new and required"),
    "enum narrowed": (_schema(kind=f.choice("A kind", ("small",))), "data.kind no longer allows large"),
    "enum extended": (
        _schema(kind=f.choice("A kind", ("small", "large", "huge"))),
        "data.kind also allows huge",
    ),
    "enum opened": (_schema(kind=f.code("A kind")), "data.kind is no longer one of a closed list"),
    "enum closed": (
        _schema(unit=f.choice("A unit", ("a",), required=False)),
        "data.unit became one of a closed list",
    ),
    "other pattern": (_schema(unit=f.number()), "data.unit changed its pattern"),
    "list to one": (_schema(units=f.code("Units")), "data.units changed its items"),
}


@pytest.mark.parametrize(("new", "what"), BREAKING.values(), ids=BREAKING.keys())
def test_a_breaking_change_is_named_with_the_way_out(new, what):
    changes = breaking_changes(OLD, new)
    assert any(what in change for change in changes)
    assert all(change.endswith("make a v2") for change in changes)


@pytest.mark.parametrize("keyword", ["minimum", "maximum", "x-unit"])
def test_another_rule_is_breaking_also_one_that_is_not_in_use(keyword):
    new = copy.deepcopy(OLD)
    new["properties"]["data"]["properties"]["times"][keyword] = 5
    assert [c.split(" from")[0] for c in breaking_changes(OLD, new)] == [f"data.times changed its {keyword}"]


def test_a_rule_within_a_list_is_breaking():
    new = copy.deepcopy(OLD)
    new["properties"]["data"]["properties"]["units"]["items"]["pattern"] = "^b$"
    assert breaking_changes(OLD, new)[0].startswith("data.units[] changed its pattern")


def test_an_attribute_of_the_envelope_counts_too():
    new = copy.deepcopy(OLD)
    new["required"].append("causationid")
    assert breaking_changes(OLD, new) == [
        "causationid was optional and became required, but older messages lack it: make a v2"
    ]


def test_another_name_of_the_schema_is_breaking():
    assert breaking_changes(OLD, OLD | {"$id": "urn:other"})


def test_true_is_not_one():
    new = copy.deepcopy(OLD)
    new["properties"]["data"]["properties"]["times"]["minimum"] = False
    assert breaking_changes(OLD, new)


ALLOWED = {
    "nothing": OLD,
    "new optional field": _schema(extra=f.code("More", required=False)),
    "description": _schema(times=f.count("How often it came, from 0")),
    "order of a closed list": _schema(kind=f.choice("A kind", ("large", "small"))),
    "deprecated": OLD | {"deprecated": True},
    "summary": OLD | {"description": "Said better", "title": "Another"},
}


@pytest.mark.parametrize("new", ALLOWED.values(), ids=ALLOWED.keys())
def test_what_only_grows_is_allowed(new):
    assert breaking_changes(OLD, new) == []


@given(st.data())
def test_dropping_any_rule_of_a_real_event_is_noticed(data):
    old = json.loads((PUBLISHED / f"{data.draw(st.sampled_from(published_keys()))}.json").read_text("utf-8"))
    new = copy.deepcopy(old)
    fields = new["properties"]["data"]["properties"]
    name = data.draw(st.sampled_from(sorted(fields)))
    rule = data.draw(st.sampled_from(sorted(set(fields[name]) - {"description"})))
    del fields[name][rule]
    assert breaking_changes(old, new)
    assert breaking_changes(new, old)


def test_no_breaking_change_since_the_last_release():
    now = {contract.key: message_schema(contract) for contract in all_contracts()}
    problems = []
    for name, text in released_files().items():
        if "/" in name or name == "asyncapi.json":
            continue
        key = name.removesuffix(".json")
        changes = breaking_changes(json.loads(text), now[key]) if key in now else ["is gone"]
        problems += [f"{key}: {change}" for change in changes]
    assert problems == []


def _event(**changed):
    named = {name: field for name, field in (_fields() | changed).items() if field is not None}
    return contract_for(EventSchema.from_dict(named))


def test_publishing_refuses_a_breaking_change_and_writes_nothing(tmp_path):
    publish([_event()], directory=tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.json")}
    other = contract_for(_event().schema, name="other.happened")
    with pytest.raises(Refused) as refusal:
        publish([_event(kind=f.choice("A kind", ("small", "huge"))), other], directory=tmp_path)
    assert [reason.split(":")[0] for reason in refusal.value.reasons] == ["intake.thing.happened.v1"] * 2
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.json")} == before


def test_publishing_refuses_to_drop_an_event(tmp_path):
    publish([_event()], directory=tmp_path)
    with pytest.raises(Refused, match="no longer declared"):
        publish([], directory=tmp_path)


def test_publishing_lets_an_event_grow(tmp_path):
    publish([_event()], directory=tmp_path)
    written = publish([_event(extra=f.code("More", required=False))], directory=tmp_path)
    assert written == ["intake.thing.happened.v1.json", "asyncapi.json"]


def test_a_second_version_stands_beside_the_first(tmp_path):
    publish([_event()], directory=tmp_path)
    second = contract_for(_event(kind=None).schema, version=2)
    publish([_event(), second], directory=tmp_path)
    assert published_keys(tmp_path) == ["intake.thing.happened.v1", "intake.thing.happened.v2"]
