"""Messages that nobody should send: each is kept, shown with its reason, and does no harm."""

import json
from typing import Any

import pytest

from shared.contracts.intake import PetitionRegisteredV1
from shared.contracts.registry import contract_of
from tests.contracts.examples import example_message

CONTRACT = contract_of(PetitionRegisteredV1)
KEY = CONTRACT.type_for("local")


def good_message(id_: str = "11111111-1111-4111-8111-111111111111", **changes: Any) -> dict[str, Any]:
    """A message that is right, but for the changes; None takes an attribute out."""
    message = (
        example_message(CONTRACT, "full") | {"id": id_, "type": KEY, "source": "/local/intake"} | changes
    )
    return {name: value for name, value in message.items() if value is not None}


def good_body(id_: str = "11111111-1111-4111-8111-111111111111", **changes: Any) -> bytes:
    return json.dumps(good_message(id_, **changes)).encode()


def _with_data(**changes: Any) -> bytes:
    return good_body(data=good_message()["data"] | changes)


BAD = {
    "no JSON": (b"\x00\x01 nothing of ours", KEY, "not JSON"),
    "not UTF-8": ('{"id": "信访"}'.encode("gbk"), KEY, "not JSON in UTF-8"),
    "empty": (b"", KEY, "not JSON"),
    "a list": (b"[]", KEY, "not a JSON object"),
    "deeply nested": (b"[" * 100_000, KEY, "not JSON"),
    "not CloudEvents": (b'{"hello": 1}', KEY, "specversion"),
    "no id": (good_body(id=None), KEY, "attribute id"),
    "an id with NUL": (good_body("a\x00b"), KEY, "attribute id"),
    "half a surrogate pair": (b'{"id": "\\ud800"}', KEY, "half a character"),
    "a number too large": (good_body().replace(b'"specversion"', b'"x": 1e999, "specversion"'), KEY, "NaN"),
    "unknown type": (good_body(type="local.intake.petition.vanished.v1"), KEY, "routing key and type differ"),
    "future version by a wrong key": (good_body(type=KEY[:-1] + "9"), KEY, "routing key and type differ"),
    "another agency's source": (good_body(source="/north/intake"), KEY, "different agencies"),
    "another agency's key": (
        good_body(type=CONTRACT.type_for("north"), source="/north/intake"),
        KEY,
        "spoke for somebody else",
    ),
    "another service's source": (good_body(source="/local/notify"), KEY, "different agencies or services"),
    "four words": (good_body(type="local.intake.registered.v1"), KEY, "five words"),
    "no data": (good_body(data=None), KEY, "data is missing"),
    "no such time": (good_body(time="yesterday"), KEY, "time is not"),
    "10 MB": (good_body() + b" " * 10_000_000, KEY, "bytes, more than"),
}
# These are found out only where they are handled.
MISFITS = {
    "a field is missing": (good_body(data={}), KEY, "fields do not fit the contract: channel"),
    "a field is of another kind": (_with_data(number=7), KEY, "fields do not fit the contract: number"),
    "a code is not in the list": (
        _with_data(channel="pigeon"),
        KEY,
        "fields do not fit the contract: channel",
    ),
    "a NUL in a field": (_with_data(township="a\x00b"), KEY, "fields do not fit the contract: township"),
}

every_bad = pytest.mark.parametrize(("body", "key", "reason"), BAD.values(), ids=BAD)
every_misfit = pytest.mark.parametrize(("body", "key", "reason"), MISFITS.values(), ids=MISFITS)
