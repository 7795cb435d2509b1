"""What libraries say about a wrong field reaches people in their language and repeats nothing typed."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask_babel import force_locale
from marshmallow import Schema, fields
from marshmallow.validate import Length

from shared.web.errors import translate
from tests.factories import petition_body
from tests.ground import Ground

SAID = "someone-typed-this"
WRONG = petition_body(
    channel=SAID,
    received_on=SAID,
    petition_id=SAID,
    petitioner_count=0,
    joint=SAID,
    representatives=[{}] * 9,
    complained_of_units=[SAID * 9],
    surprise=SAID,
) | {"text": None, "title": [SAID]}
CHANNELS = "letter, visit, call, web, assigned, passed_on"
SAID_OF_IT = {
    "en": {
        "channel": [f"Must be one of: {CHANNELS}."],
        "received_on": ["Not a valid date."],
        "petition_id": ["Not a valid UUID."],
        "petitioner_count": ["Must be greater than or equal to 1 and less than or equal to 99999."],
        "joint": ["Not a valid boolean."],
        "representatives": ["Longer than maximum length 5."],
        "complained_of_units.0": ["Give a code from the county's lists: small letters, digits, - and _."],
        "surprise": ["Unknown field."],
        "text": ["Field may not be null."],
        "title": ["Not a valid string."],
    },
    "zh": {
        "channel": [f"请填写下列之一：{CHANNELS}。"],
        "received_on": ["请按2026-03-05的格式填写日期。"],
        "petition_id": ["请填写有效的UUID。"],
        "petitioner_count": ["应在1至99999之间。请更正。"],
        "joint": ["请填写true或false。"],
        "representatives": ["长度（字数或项数）不能超过5。请缩短。"],
        "complained_of_units.0": ["请填写本县名单中的代码：由小写字母、数字、-和_组成。"],
        "surprise": ["没有此项。请删去。"],
        "text": ["此项不能为空。请填写。"],
        "title": ["请填写文字。"],
    },
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_wrong_fields_are_named_in_the_readers_language(stepped: Ground, language: str) -> None:
    client = stepped.client("intake", "clerk-1")
    answer = client.post("/api/petitions", json=WRONG, headers={"Accept-Language": language})
    assert answer.status_code == 422
    assert answer.json["errors"] == SAID_OF_IT[language]
    assert SAID not in answer.text


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Missing data for required field."), ("zh", "此项必填。请补填。")],
)
def test_missing_fields_are_named_too(stepped: Ground, language: str, said: str) -> None:
    client = stepped.client("intake", "clerk-1")
    answer = client.post("/api/petitions", json={}, headers={"Accept-Language": language})
    assert answer.json["errors"] == dict.fromkeys(["channel", "received_on", "text"], [said])


def test_every_message_of_every_shape_is_known(stepped: Ground) -> None:
    """A kind of field or limit that is used for the first time needs its message in the list."""
    app = stepped.composed.app("intake")  # makes all five, and so loads all shapes
    messages = {message for schema in shapes(Schema) for message in of_schema(schema)}
    assert len(messages) > 20
    assert {message for message in messages if "{input" in message} == set()
    shown = {message: message.format_map(Limits()) for message in messages}
    with app.test_request_context(), force_locale("zh"):
        unknown = {message for message, text in shown.items() if translate(text) == text}
    assert unknown == set()


class Limits(dict[str, Any]):
    """Any limit that a message asks for."""

    def __missing__(self, name: str) -> str:
        return {"obj_type": "datetime", "awareness": "aware", "choices": "a, b"}.get(name, "7")


def shapes(parent: type[Schema]) -> Iterator[type[Schema]]:
    """All HTTP shapes of the services and the web shell."""
    for schema in parent.__subclasses__():
        yield from shapes(schema)
        if schema.__module__.startswith(("services.", "shared.web.")):
            yield schema


def of_schema(schema: type[Schema]) -> Iterator[str]:
    made = schema()
    yield from made.error_messages.values()
    for found in made.load_fields.values():
        yield from of_field(found)


def of_field(found: fields.Field[Any]) -> Iterator[str]:
    # "format" is said of what a program of ours writes, never of what came in
    yield from (str(text) for name, text in found.error_messages.items() if name != "format")
    for limit in found.validators:
        names = [name for name in ("message_min", "message_max", "message_all") if hasattr(limit, name)]
        names += ["message_equal"] if isinstance(limit, Length) else []
        yield from (getattr(limit, name) for name in names)
        if isinstance(said := getattr(limit, "error", None), str):
            yield said
    if isinstance(found, fields.List):
        yield from of_field(found.inner)
