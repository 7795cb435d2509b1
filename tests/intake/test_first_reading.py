"""M4: the head reads every petition; what was signed stands; a deputy signs only on a delegation."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from services.intake.first_reading.models import Instruction
from shared import clock
from tests.factories import new_petition
from tests.ground import Ground
from tests.intake.steps import accepted, step


def day(offset: int) -> str:
    return (clock.today() + timedelta(days=offset)).isoformat()


def sign(ground: Ground, petition: dict[str, Any], by: str = "head", **changes: Any) -> Any:
    body = {"text": "请第一室十日内核实", "addressee": "office-1", "due_on": day(10)} | changes
    path = f"/api/petitions/{petition['id']}/instructions"
    return ground.client("intake", by).post(path, json=body)


def delegate(ground: Ground, by: str = "head", **changes: Any) -> Any:
    body = {"deputy": "deputy", "starts_on": day(0), "ends_on": day(7)} | changes
    return ground.client("intake", by).post("/api/delegations", json=body)


def reading_list(ground: Ground, by: str = "head", query: str = "") -> Any:
    return ground.client("intake", by).get(f"/api/reading-list{query}")


def test_the_list_goes_by_urgency_and_age(stepped: Ground) -> None:
    young = new_petition(stepped, received_on=day(-2))
    old = new_petition(stepped, received_on=day(-9))
    urgent = new_petition(stepped, channel="assigned", received_on=day(-1))
    first = reading_list(stepped, query="?limit=2").json
    rest = reading_list(stepped, query=f"?limit=2&after={first['next']}").json
    numbers = [p["number"] for p in (*first["items"], *rest["items"])]
    assert numbers == [urgent["number"], old["number"], young["number"]]


def test_found_to_be_assigned_it_moves_up(stepped: Ground) -> None:
    new_petition(stepped, received_on=day(-9))
    late = new_petition(stepped)
    step(stepped, late, "accept", category="appeal", superior_assigned=True)
    assert reading_list(stepped).json["items"][0]["number"] == late["number"]


def test_reading_without_an_instruction(stepped: Ground) -> None:
    petition = new_petition(stepped)
    path = f"/api/petitions/{petition['id']}/read"
    first = stepped.client("intake", "head").post(path)
    assert first.json["read_by"] == "head"
    assert reading_list(stepped).json["items"] == []
    assert stepped.client("intake", "head").post(path).json == first.json
    assert stepped.outbox("intake", "intake.instruction.signed.v1") == []


def test_reading_does_not_disturb_the_screening(stepped: Ground) -> None:
    petition = new_petition(stepped)
    stepped.client("intake", "head").post(f"/api/petitions/{petition['id']}/read")
    assert step(stepped, petition, "accept", category="appeal").status_code == 200


def test_an_instruction_is_announced_without_its_text(stepped: Ground) -> None:
    petition = new_petition(stepped)
    signed = sign(stepped, petition)
    assert signed.status_code == 201
    [event] = stepped.outbox("intake", "intake.instruction.signed.v1")
    assert event.data["instruction_id"] == signed.json["id"]
    assert (event.data["addressee"], event.data["on_delegation"]) == ("office-1", False)
    assert "核实" not in event.to_json()
    assert reading_list(stepped).json["items"] == []


def test_an_amendment_is_a_new_one(stepped: Ground) -> None:
    petition = new_petition(stepped)
    first = sign(stepped, petition).json
    second = sign(stepped, petition, text="改由第二室办理", addressee="office-2", amends=first["id"]).json
    again = sign(stepped, petition, amends=first["id"])
    assert (again.status_code, again.json["type"]) == (409, "urn:huajie:problem:out-of-order")
    other = new_petition(stepped)
    assert sign(stepped, other, amends=second["id"]).status_code == 422
    kept = stepped.client("intake", "head").get(f"/api/petitions/{petition['id']}/instructions").json
    assert [(i["text"], i["amends"]) for i in kept] == [
        ("请第一室十日内核实", None),
        ("改由第二室办理", first["id"]),
    ]
    path = f"/api/petitions/{petition['id']}/instructions"
    for method in ("put", "patch", "delete"):
        assert getattr(stepped.client("intake", "head"), method)(path, json={}).status_code == 405


def test_of_two_who_amend_at_once_one_is_told(stepped: Ground) -> None:
    petition = new_petition(stepped)
    first = sign(stepped, petition).json
    sign(stepped, petition, amends=first["id"])
    db = stepped.instance("intake").db
    [amendment] = stepped.rows("intake", Instruction, Instruction.amends.is_not(None))
    values = {c: getattr(amendment, c) for c in Instruction.__table__.columns.keys() if c != "id"}  # noqa: SIM118 - not a dict
    with pytest.raises(IntegrityError), db.write() as session:
        session.add(Instruction(id=amendment.petition_id, **values))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"addressee": "nobody"}, "addressee"),
        ({"addressee": "agency-police"}, "addressee"),
        ({"addressee": "office-2"}, "addressee"),
        ({"due_on": "2020-01-01"}, "due_on"),
        ({"text": " "}, "text"),
        ({"text": "批" * 5001}, "text"),
    ],
)
def test_bad_instructions_sign_nothing(stepped: Ground, wrong: dict[str, Any], field: str) -> None:
    petition = new_petition(stepped, complained_of_units=["office-2"])
    answer = sign(stepped, petition, **wrong)
    assert answer.status_code == 422 and field in answer.json["errors"]
    assert stepped.rows("intake", Instruction) == []
    assert len(reading_list(stepped).json["items"]) == 1


def test_a_deputy_signs_only_on_a_delegation(stepped: Ground) -> None:
    petition = new_petition(stepped)
    assert sign(stepped, petition, by="deputy").status_code == 403
    assert reading_list(stepped, by="deputy").status_code == 403
    given = delegate(stepped).json
    assert [p["id"] for p in reading_list(stepped, by="deputy").json["items"]] == [petition["id"]]
    signed = sign(stepped, petition, by="deputy")
    assert signed.json["delegation_id"] == given["id"]
    [event] = stepped.outbox("intake", "intake.instruction.signed.v1")
    assert (event.data["signed_by"], event.data["on_delegation"]) == ("deputy", True)
    path = f"/api/petitions/{petition['id']}/instructions"
    assert stepped.client("intake", "deputy").get(path).status_code == 200
    # leader-1 sits in the same unit, but has no delegation.
    assert sign(stepped, petition, by="leader-1").status_code == 403


def test_a_delegation_holds_from_its_first_day_to_its_last(stepped: Ground) -> None:
    petition = new_petition(stepped)
    delegate(stepped, starts_on=day(1), ends_on=day(2))
    path = f"/api/petitions/{petition['id']}/read"
    statuses = []
    now = clock.now()
    for offset in range(4):
        with clock.travel(now + timedelta(days=offset)):
            statuses.append(stepped.client("intake", "deputy").post(path).status_code)
    assert statuses == [403, 200, 200, 403]


def test_a_revoked_delegation_ends_at_once(stepped: Ground) -> None:
    given = delegate(stepped).json
    path = f"/api/delegations/{given['id']}/revoke"
    head = stepped.client("intake", "head")
    revoked = head.post(path, json={"version": given["version"]}).json
    assert revoked["revoked_at"]
    assert reading_list(stepped, by="deputy").status_code == 403
    assert head.post(path, json={"version": given["version"]}).status_code == 409
    again = head.post(path, json={"version": revoked["version"]})
    assert "revoked already" in again.json["detail"]
    listed = stepped.client("intake", "supervisor-1").get("/api/delegations").json
    assert [d["id"] for d in listed] == [given["id"]]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"deputy": "leader-2"}, "deputy"),
        ({"deputy": "nobody"}, "deputy"),
        ({"starts_on": "2020-01-01"}, "starts_on"),
        ({"ends_on": "2020-01-01"}, "ends_on"),
        ({"ends_on": date(2999, 1, 1).isoformat()}, "ends_on"),
    ],
)
def test_bad_delegations(stepped: Ground, wrong: dict[str, Any], field: str) -> None:
    answer = delegate(stepped, **wrong)
    assert answer.status_code == 422 and field in answer.json["errors"]
    assert delegate(stepped, by="deputy").status_code == 403


def test_the_deputy_reads_nothing_that_complains_of_them(stepped: Ground) -> None:
    petition = new_petition(stepped, complained_of_units=["leader-1"])
    delegate(stepped)
    assert reading_list(stepped, by="deputy").json["items"] == []
    assert sign(stepped, petition, by="deputy").status_code == 404
    path = f"/api/petitions/{petition['id']}/instructions"
    assert stepped.client("intake", "deputy").get(path).status_code == 404


def test_who_may_see_the_petition_reads_the_instructions(stepped: Ground) -> None:
    petition = accepted(stepped)
    sign(stepped, petition)
    path = f"/api/petitions/{petition['id']}/instructions"
    seen = {
        post: stepped.client("intake", post).get(path).status_code
        for post in ("clerk-1", "supervisor-1", "township-420324100", "township-420324101", "office-2-a")
    }
    assert list(seen.values()) == [200, 200, 200, 404, 404]
