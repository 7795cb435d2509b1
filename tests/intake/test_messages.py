"""M1: petitioners, also anonymous ones, and offices write to each other; nothing lies unread unseen."""

from datetime import timedelta
from typing import Any

import pytest

from services.intake.messages.models import Message
from services.intake.messages.rules import LONGEST, MOST_A_DAY
from shared import clock
from tests.ground import Ground
from tests.intake.steps import step
from tests.intake.test_portal import look, posted, submitted


def write(ground: Ground, code: str, text: str) -> Any:
    return posted(ground, "/api/portal/messages", {"code": code, "text": text})


def reply(ground: Ground, petition: dict[str, Any], by: str, text: str = "请补充照片") -> Any:
    path = f"/api/petitions/{petition['id']}/messages"
    return ground.client("intake", by).post(path, json={"text": text})


def unread(ground: Ground, post: str = "clerk-1") -> int:
    return len(ground.client("intake", post).get("/api/messages/unread").json["items"])


def in_charge_of_one(ground: Ground) -> tuple[dict[str, Any], str]:
    petition, code = submitted(ground)
    step(ground, petition, "accept", category="appeal", complained_of_units=["office-6"])
    ground.carry()
    return petition, code


def test_an_anonymous_petitioner_and_the_office_talk(stepped: Ground) -> None:
    petition, code = in_charge_of_one(stepped)
    assert write(stepped, code, "路还没有修好").status_code == 201
    assert unread(stepped) == unread(stepped, "office-1-a") == 1
    assert unread(stepped, "office-2-a") == unread(stepped, "office-6-a") == 0
    assert reply(stepped, petition, "office-1-a").status_code == 201
    assert unread(stepped) == 0
    first = look(stepped, code).json["messages"]
    assert [(m["from_petitioner"], m["text"]) for m in first] == [
        (True, "路还没有修好"),
        (False, "请补充照片"),
    ]
    assert (first[0]["is_read"], first[1]["is_new"], first[1]["by"]["code"]) == (True, True, "office-1-a")
    assert look(stepped, code).json["messages"][1]["is_new"] is False
    listed = stepped.client("intake", "clerk-1").get(f"/api/petitions/{petition['id']}/messages").json
    assert listed[0]["read_by"] == "office-1-a" and listed[1]["read_at"] is not None


def test_a_message_is_in_the_inbox_of_clerk_and_office(stepped: Ground) -> None:
    _petition, code = in_charge_of_one(stepped)
    write(stepped, code, "标记的话")
    stepped.carry()
    for post, told in (("clerk-1", True), ("office-1-a", True), ("office-2-a", False), ("office-6-a", False)):
        answer = stepped.client("notify", post).get("/api/inbox")
        assert ("message.received" in answer.text) is told and "标记" not in answer.text
    (event,) = stepped.outbox("intake", "intake.message.received.v1")
    assert set(event.data) == {"petition_id", "number", "message_id", "received_at"}


@pytest.mark.parametrize(
    ("post", "reads", "writes"),
    [
        ("clerk-1", 200, 201),
        ("leader-1", 200, 201),
        ("office-1-a", 200, 201),
        ("township-420324100", 200, 201),
        ("head", 200, 403),
        ("supervisor-1", 200, 403),
        ("team-1", 403, 403),
        ("leader-2", 404, 404),
        ("office-6-a", 404, 404),
        ("township-420324101", 404, 404),
        ("operator-1", 403, 403),
    ],
)
def test_who_reads_and_writes(stepped: Ground, post: str, reads: int, writes: int) -> None:
    petition, code = in_charge_of_one(stepped)
    write(stepped, code, "在吗")
    path = f"/api/petitions/{petition['id']}/messages"
    assert stepped.client("intake", post).get(path).status_code == reads
    assert reply(stepped, petition, post).status_code == writes


def test_marked_read_as_far_as_it_was_seen(stepped: Ground) -> None:
    petition, code = in_charge_of_one(stepped)
    client = stepped.client("intake", "clerk-1")
    path = f"/api/petitions/{petition['id']}/messages"
    write(stepped, code, "一")
    seen = client.get(path).json[-1]["list_key"]
    write(stepped, code, "二")
    assert client.post(f"{path}/read", json={"until": seen}).status_code == 204
    assert [m["read_at"] is None for m in client.get(path).json] == [False, True]
    assert client.post(f"{path}/read", json={}).status_code == 204
    assert unread(stepped) == 0


def test_one_code_does_not_flood_an_office(stepped: Ground) -> None:
    _petition, code = submitted(stepped)
    with clock.travel(clock.now()) as move:
        for _ in range(MOST_A_DAY):
            assert write(stepped, code, "再说一次").status_code == 201
        answer = write(stepped, code, "再说一次")
        assert answer.status_code == 409 and "tomorrow" in answer.json["detail"]
        move(timedelta(days=1))
        assert write(stepped, code, "再说一次").status_code == 201


@pytest.mark.parametrize("text", ["", "  \n ", "字" * (LONGEST + 1), None])
def test_bad_texts_are_named(stepped: Ground, text: str | None) -> None:
    _petition, code = submitted(stepped)
    answer = posted(stepped, "/api/portal/messages", {"code": code, "text": text})
    assert answer.status_code == 422 and set(answer.json["errors"]) == {"text"}
    assert stepped.rows("intake", Message) == []


def test_a_wrong_code_writes_nothing(stepped: Ground) -> None:
    submitted(stepped)
    assert write(stepped, "2222-3333-4444-5555", "在吗").status_code == 404
    assert stepped.rows("intake", Message) == []
