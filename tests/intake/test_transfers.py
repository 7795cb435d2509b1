"""M3: the competent agency signs for a petition or sends it back; it never learns who brought it."""

from typing import Any
from uuid import uuid4

import pytest

from tests.factories import new_petition
from tests.ground import Ground
from tests.intake.steps import step

POLICE = "liaison-police"


def transferred(ground: Ground, **changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A petition that went to the police, and the transfer as its liaison sees it."""
    answer = step(ground, new_petition(ground, **changes), "transfer", to_agency="agency-police")
    assert answer.status_code == 200, answer.text
    listed = ground.client("intake", POLICE).get("/api/transfers").json["items"]
    transfer = next(t for t in listed if t["number"] == answer.json["number"])
    return answer.json, transfer


def reply(ground: Ground, transfer: dict[str, Any], what: str, by: str = POLICE, **body: Any) -> Any:
    given = {"version": transfer["version"]} | body
    return ground.client("intake", by).post(f"/api/transfers/{transfer['id']}/{what}", json=given)


def test_the_agency_signs(stepped: Ground) -> None:
    petition, transfer = transferred(stepped)
    assert petition["state"] == "transferred"
    assert reply(stepped, transfer, "sign").json["state"] == "signed"
    [sent] = stepped.outbox("intake", "intake.petition.transferred.v1")
    [signed] = stepped.outbox("intake", "intake.transfer.signed.v1")
    assert sent.data["transfer_id"] == signed.data["transfer_id"] == transfer["id"]
    assert signed.data["agency"] == "agency-police"


def test_the_agency_gets_the_matter_and_no_person(stepped: Ground) -> None:
    petition, transfer = transferred(stepped, text="夜间施工扰民")
    client = stepped.client("intake", POLICE)
    assert "夜间施工扰民" not in client.get("/api/transfers").text
    read = client.get(f"/api/transfers/{transfer['id']}")
    assert read.json["text"] == "夜间施工扰民"
    assert "甲某" not in read.text and "13800000000" not in read.text
    assert client.get(f"/api/petitions/{petition['id']}").status_code == 403


def test_what_was_sent_back_is_screened_again(stepped: Ground) -> None:
    petition, transfer = transferred(stepped)
    answer = reply(stepped, transfer, "return", reason="not_competent", note="属教育部门职责")
    assert answer.json["state"] == "returned"
    assert "text" not in answer.json
    [event] = stepped.outbox("intake", "intake.transfer.returned.v1")
    assert event.data["reason"] == "not_competent" and "教育" not in event.to_json()
    now = stepped.client("intake", "clerk-1").get(f"/api/petitions/{petition['id']}").json
    assert now["state"] == "registered"
    assert step(stepped, now, "transfer", to_agency="agency-education").status_code == 200


@pytest.mark.parametrize("first", ["sign", "return"])
@pytest.mark.parametrize("second", ["sign", "return"])
def test_an_agency_answers_once(stepped: Ground, first: str, second: str) -> None:
    bodies = {"sign": {}, "return": {"reason": "incomplete", "note": "缺少附件材料"}}
    _petition, transfer = transferred(stepped)
    assert reply(stepped, transfer, first, **bodies[first]).status_code == 200
    again = reply(stepped, transfer, second, **bodies[second])
    assert (again.status_code, again.json["type"]) == (409, "urn:huajie:problem:out-of-order")
    assert "already" in again.json["detail"]


def test_another_agency_and_a_made_up_transfer_are_answered_alike(stepped: Ground) -> None:
    _petition, transfer = transferred(stepped)
    other = "liaison-education"
    theirs = reply(stepped, transfer, "sign", by=other)
    made_up = reply(stepped, transfer | {"id": str(uuid4())}, "sign", by=other)
    assert theirs.status_code == made_up.status_code == 404
    assert theirs.json == made_up.json
    assert stepped.client("intake", other).get("/api/transfers").json["items"] == []


@pytest.mark.parametrize(
    ("changes", "body"),
    [
        ({}, {"to_agency": "agency-police", "complained_of_units": ["agency-police"]}),
        ({"complained_of_units": ["agency-police"]}, {"to_agency": "agency-police"}),
        ({"complained_of": "公安局某队长"}, {"to_agency": "agency-police"}),
        ({}, {"to_agency": "office-1"}),
        ({}, {"to_agency": "nobody"}),
    ],
)
def test_it_never_goes_to_whoever_is_complained_of(
    stepped: Ground, changes: dict[str, Any], body: dict[str, Any]
) -> None:
    petition = new_petition(stepped, **changes)
    answer = step(stepped, petition, "transfer", **body)
    assert answer.status_code == 422 and "to_agency" in answer.json["errors"]
    assert stepped.client("intake", POLICE).get("/api/transfers").json["items"] == []


def test_an_agency_complained_of_later_sees_it_no_more(stepped: Ground) -> None:
    petition, transfer = transferred(stepped)
    reply(stepped, transfer, "return", reason="not_competent", note="不属本局职责")
    now = stepped.client("intake", "clerk-1").get(f"/api/petitions/{petition['id']}").json
    step(stepped, now, "accept", category="appeal", complained_of_units=["agency-police"])
    client = stepped.client("intake", POLICE)
    assert client.get("/api/transfers").json["items"] == []
    assert client.get(f"/api/transfers/{transfer['id']}").status_code == 404


def test_assigned_ones_come_first(stepped: Ground) -> None:
    plain, _ = transferred(stepped)
    assigned, _ = transferred(stepped, channel="assigned")
    later, _ = transferred(stepped)
    listed = stepped.client("intake", POLICE).get("/api/transfers").json["items"]
    assert [t["number"] for t in listed] == [assigned["number"], later["number"], plain["number"]]
