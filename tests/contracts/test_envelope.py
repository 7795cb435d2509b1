"""The envelope: what is built can be read, and whatever else arrives is refused in words, not by a crash."""

import json
import string
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import clock
from shared.contracts import envelope
from shared.contracts.envelope import MAX_BYTES, Envelope, Unreadable
from shared.contracts.intake import PetitionRegisteredV1
from shared.contracts.registry import all_contracts, contract_of
from tests.contracts.examples import every_example, example_message

REGISTERED = contract_of(PetitionRegisteredV1)
SECRET = "secret-that-must-not-be-told"


def _message(**changes):
    message = example_message(REGISTERED, "full") | changes
    return json.dumps({name: value for name, value in message.items() if value is not None})


WRONG = {
    "no JSON": (b"petition registered", "not JSON"),
    "nothing": (b"", "not JSON"),
    "not UTF-8": (_message().encode("utf-16"), "not JSON"),
    "byte order mark": (b"\xef\xbb\xbf" + _message().encode(), "not JSON"),
    "not a number": (_message(more=float("nan")), "not JSON"),
    "infinity": (_message(more=float("-inf")), "not JSON"),
    "too large for a float": (_message(more=1).replace('"more": 1', '"more": 1e999'), "not JSON"),
    "a number of 5,000 digits": (_message(more=1).replace('"more": 1', f'"more": {"9" * 5000}'), "not JSON"),
    "half a character": (_message(more="\ud800"), "not JSON"),
    "nested 100,000 deep": (b"[" * 100_000 + b"]" * 100_000, "not JSON"),
    "nested in data": (
        _message(data=1).replace('"data": 1', f'"data": {"[" * 9999}{"]" * 9999}'),
        "not JSON",
    ),
    "a list": (f"[{_message()}]", "not a JSON object"),
    "too large": (_message(more="x" * MAX_BYTES), "larger than 256 KiB"),
    "no specversion": (_message(specversion=None), "specversion"),
    "another specversion": (_message(specversion="0.3"), "specversion"),
    "specversion as number": (_message(specversion=1.0), "specversion"),
    "no id": (_message(id=None), "attribute id"),
    "empty id": (_message(id=""), "attribute id"),
    "id as number": (_message(id=7), "attribute id"),
    "id too long": (_message(id="7" * 256), "attribute id"),
    "id with NUL": (_message(id="a\x00b"), "attribute id"),
    "no subject": (_message(subject=None), "attribute subject"),
    "no data": (_message(data=None), "data is missing"),
    "data as list": (_message(data=[1]), "data is missing"),
    "four words": (_message(type="local.intake.petition.registered"), "five words"),
    "six words": (_message(type="local.intake.petition.registered.v1.x"), "five words"),
    "no agency": (_message(type=".intake.petition.registered.v1", source="//intake"), "five words"),
    "agency as wildcard": (
        _message(type="*.intake.petition.registered.v1", source="/*/intake"),
        "five words",
    ),
    "another agency": (_message(source="/north/intake"), "different agencies or services"),
    "another service": (_message(source="/local/assignment"), "different agencies or services"),
    "source as URL": (_message(source="https://local/intake"), "different agencies or services"),
    "naive time": (_message(time="2026-03-02T10:15:00"), "time is not"),
    "no time": (_message(time="yesterday"), "time is not"),
    "time before the calendar": (_message(time="0001-01-01T00:00:00+08:00"), "time is not"),
}


@pytest.mark.parametrize(("body", "reason"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_message_is_refused_with_its_reason(body, reason):
    with pytest.raises(Unreadable, match=reason):
        envelope.parse(body)


@pytest.mark.parametrize("attribute", ["id", "source", "type", "subject", "time", "specversion"])
def test_a_refusal_quotes_nothing(attribute):
    with pytest.raises(Unreadable) as refusal:
        event = envelope.parse(_message(**{attribute: SECRET + "\n", "data": {"number": SECRET}}))
        event.load()
    assert SECRET not in str(refusal.value)


def test_an_unknown_type_is_told_when_it_is_asked_for():
    event = envelope.parse(_message(type="local.intake.petition.burnt.v1"))
    with pytest.raises(Unreadable, match="type of this event is not known"):
        event.load()


def test_an_unknown_version_is_told_with_the_known_one():
    event = envelope.parse(_message(type="local.intake.petition.registered.v7"))
    with pytest.raises(Unreadable, match="only v1: upgrade"):
        event.load()


def test_wrong_fields_are_named_without_their_values():
    message = example_message(REGISTERED, "full")
    message["data"] |= {"number": SECRET, "channel": SECRET}
    del message["data"]["received_on"]
    with pytest.raises(Unreadable) as refusal:
        envelope.parse(json.dumps(message)).load()
    assert str(refusal.value) == "fields do not fit the contract: channel, number, received_on"


@pytest.mark.parametrize("correlation", [None, "", 7, "x" * 256, "a\x00b"])
def test_a_bad_correlation_gives_way_to_the_id(correlation):
    event = envelope.parse(_message(correlationid=correlation, causationid=correlation))
    assert (event.correlationid, event.causationid) == (event.id, None)


def test_whole_numbers_may_be_written_with_a_point():
    (rated,) = [c for c in all_contracts() if c.key == "intake.petition.rated.v1"]
    message = example_message(rated, "full")
    message["data"]["round"] = 2.0
    assert envelope.parse(json.dumps(message)).load()["round"] == 2
    message["data"]["round"] = 2.5
    with pytest.raises(Unreadable, match="round"):
        envelope.parse(json.dumps(message)).load()


def test_a_built_event_is_dated_now_and_names_its_cause():
    moment = datetime(2026, 3, 2, 2, 15, tzinfo=UTC)
    data = example_message(REGISTERED, "full")["data"]
    with clock.travel(moment):
        first = envelope.build(REGISTERED, agency="north", subject="s", data=data)
        second = envelope.build(REGISTERED, agency="north", subject="s", data=data, cause=first)
        asked = envelope.build(REGISTERED, agency="north", subject="s", data=data, correlation_id="request-1")
    assert first.occurred_at == moment
    assert (first.source, first.type, first.agency) == (
        "/north/intake",
        "north.intake.petition.registered.v1",
        "north",
    )
    assert (first.correlationid, first.causationid) == (first.id, None)
    assert (second.correlationid, second.causationid) == (first.id, first.id)
    assert asked.correlationid == "request-1"
    assert len({first.id, second.id, asked.id}) == 3


@every_example
def test_load_gives_python_values(contract, name):
    event = envelope.parse(json.dumps(example_message(contract, name)).encode())
    values = event.load()
    assert set(values) == set(event.data)
    assert all(value.tzinfo for value in values.values() if isinstance(value, datetime))


agencies = st.builds(
    str.__add__, st.sampled_from(string.ascii_lowercase), st.text(string.ascii_lowercase + "0123456789-")
)


@given(st.sampled_from(all_contracts()), agencies, st.uuids().map(str), st.datetimes(timezones=st.just(UTC)))
def test_what_is_built_can_be_read(contract, agency, subject, moment):
    data = example_message(contract, "full")["data"]
    with clock.travel(moment):
        built = envelope.build(contract, agency=agency, subject=subject, data=data)
    if len(built.type) > 255:
        return
    assert envelope.parse(built.to_json()) == built
    assert envelope.parse(built.to_json().encode()) == built
    assert built.load()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def _read_or_refuse(body: bytes | str) -> Envelope | None:
    try:
        event = envelope.parse(body)
        event.load()
    except Unreadable:
        return None
    assert event.occurred_at.astimezone(UTC)
    return event


@given(st.binary() | st.text())
def test_no_bytes_crash_the_reader(body):
    assert _read_or_refuse(body) is None


@given(st.data())
def test_no_attribute_or_field_crashes_the_reader(data):
    message = example_message(data.draw(st.sampled_from(all_contracts())), "full")
    part = data.draw(st.sampled_from([message, message["data"]]))
    part[data.draw(st.sampled_from(sorted(part)))] = data.draw(JSON)
    event = _read_or_refuse(json.dumps(message))
    if event:
        assert envelope.parse(event.to_json().encode("utf-8")) == event


def test_the_id_is_kept_as_sent():
    id_ = str(uuid4()).upper()
    assert envelope.parse(_message(id=id_)).id == id_
