"""Identities are sealed: a look takes a reason and is on the access log, and so is a refusal."""

import pytest

from services.intake.identities.models import Identity, IdentityAccess
from services.intake.identities.rules import Person
from tests.factories import new_petition
from tests.ground import Ground

REASON = {"reason": "电话核实情况"}


def test_a_look_is_given_for_a_reason_and_logged(stepped: Ground) -> None:
    petition = new_petition(stepped)
    client = stepped.client("intake", "clerk-1")
    answer = client.post(f"/api/petitions/{petition['id']}/identity", json=REASON)
    assert [p["name"] for p in answer.json["people"]] == ["甲某"]
    log = stepped.client("intake", "head").get(f"/api/petitions/{petition['id']}/identity-accesses").json
    assert [(a["post"], a["granted"], a["reason"]) for a in log] == [("clerk-1", True, REASON["reason"])]


@pytest.mark.parametrize("reason", ["", "   ", "看看"])
def test_without_a_reason_nothing_is_shown(stepped: Ground, reason: str) -> None:
    petition = new_petition(stepped)
    client = stepped.client("intake", "clerk-1")
    answer = client.post(f"/api/petitions/{petition['id']}/identity", json={"reason": reason})
    assert answer.status_code == 422 and "reason" in answer.json["errors"]
    assert "甲某" not in answer.text


@pytest.mark.parametrize(
    ("post", "status"),
    [
        ("supervisor-1", 403),
        ("leader-1", 404),
        ("office-1-a", 404),
        ("township-420324100", 404),
        ("liaison-police", 404),
        ("operator-1", 404),
    ],
)
def test_every_refusal_is_logged(stepped: Ground, post: str, status: int) -> None:
    petition = new_petition(stepped)
    answer = stepped.client("intake", post).post(f"/api/petitions/{petition['id']}/identity", json=REASON)
    assert answer.status_code == status
    assert "甲某" not in answer.text
    [entry] = stepped.rows("intake", IdentityAccess)
    assert (entry.post, entry.granted) == (post, False)


def test_an_anonymous_petition_has_no_identity(stepped: Ground) -> None:
    petition = new_petition(stepped, person=None)
    assert petition["signature"] == "anonymous"
    assert stepped.rows("intake", Identity) == []
    client = stepped.client("intake", "clerk-1")
    assert client.post(f"/api/petitions/{petition['id']}/identity", json=REASON).status_code == 404


def test_the_access_log_is_for_clerk_and_head(stepped: Ground) -> None:
    petition = new_petition(stepped)
    path = f"/api/petitions/{petition['id']}/identity-accesses"
    statuses = {
        post: stepped.client("intake", post).get(path).status_code
        for post in ("clerk-1", "head", "leader-1", "office-1-a", "operator-1")
    }
    assert statuses == {"clerk-1": 200, "head": 200, "leader-1": 403, "office-1-a": 403, "operator-1": 403}


def test_the_same_phone_is_known_again_by_its_hash(stepped: Ground) -> None:
    new_petition(stepped, person={"name": "甲", "phone": "138-0000-0000"})
    new_petition(stepped, person={"name": "乙", "phone": "+86 13800000000"})
    first, second = stepped.rows("intake", Identity)
    assert first.phone_hash == second.phone_hash
    assert first.phone_hash and "13800000000" not in first.phone_hash


def test_a_person_prints_as_nothing() -> None:
    assert "甲" not in repr(Person(name="甲", phone="13800000000"))
