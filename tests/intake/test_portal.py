"""M1, M14: what a petitioner can do without signing in, and what a query code shows and does not."""

import json
from datetime import timedelta
from typing import Any

import pytest

from services.intake.portal.limiter import (
    FREE_TRIES,
    FREE_TRIES_OF_PREFIX,
    LONGEST_DELAY,
    MOST_WAITING,
    Limiter,
)
from services.intake.registration.codes import ALPHABET
from services.intake.registration.models import Petition
from shared import clock
from shared.contracts.assignment import CaseClosedV1, CaseOpenedV1, CaseReopenedV1, ReplyGivenV1
from shared.contracts.supervision import ClockStartedV1
from tests.ground import Ground
from tests.intake.steps import MARCH_20, at, case_data, in_charge, step, tell

WRONG = "2222-3333-4444-5555"


def submitted(ground: Ground, **changes: Any) -> tuple[dict[str, Any], str]:
    """A petition from the portal as a clerk sees it, and its code."""
    body = {"text": "村里路灯坏了", "township": "420324100"} | changes
    answer = ground.client("intake", None).post("/api/portal/petitions", json=body)
    assert answer.status_code == 201, answer.text
    listed = ground.client("intake", "clerk-1").get("/api/petitions").json["items"]
    return next(p for p in listed if p["number"] == answer.json["number"]), answer.json["code"]


def look(ground: Ground, code: Any) -> Any:
    return posted(ground, "/api/portal/lookup", {"code": code})


def rate(ground: Ground, code: str, rating: str, round_: int) -> Any:
    body = {"code": code, "rating": rating, "round": round_}
    return posted(ground, "/api/portal/rating", body)


def posted(ground: Ground, path: str, body: dict[str, Any]) -> Any:
    """The answer to a body in plain ASCII, in which half a character can be written too."""
    client = ground.client("intake", None)
    return client.post(path, data=json.dumps(body), content_type="application/json")


def opened(ground: Ground, petition: dict[str, Any], **changes: Any) -> None:
    data = case_data(petition["id"], petition["number"], **in_charge(), opened_at=at(10)) | changes
    more = {"township": "420324100", "superior_assigned": False}
    tell(ground.instance("intake").db, CaseOpenedV1, **data, **more)


def closed(ground: Ground, petition: dict[str, Any], round_: int = 1) -> None:
    data = case_data(petition["id"], petition["number"], round=round_, outcome="upheld", closed_at=at(15))
    tell(ground.instance("intake").db, CaseClosedV1, **data)


def test_anybody_submits_anonymous_or_by_name(stepped: Ground) -> None:
    anonymous, _code = submitted(stepped)
    named, _code = submitted(stepped, person={"name": "甲某", "phone": "13800000000"})
    assert (anonymous["signature"], named["signature"]) == ("anonymous", "real_name")
    for petition in stepped.rows("intake", Petition):
        assert (petition.channel, petition.registered_by) == ("web", "portal")
        assert petition.received_on == clock.today()
    assert len(stepped.outbox("intake", "intake.petition.registered.v1")) == 2


@pytest.mark.parametrize(
    "extra",
    [
        {"channel": "assigned"},
        {"received_on": "2020-01-01"},
        {"superior_assigned": True},
        {"petition_id": "x"},
    ],
)
def test_the_public_decides_only_what_is_theirs(stepped: Ground, extra: dict[str, Any]) -> None:
    answer = stepped.client("intake", None).post("/api/portal/petitions", json={"text": "路灯"} | extra)
    assert answer.status_code == 422 and set(answer.json["errors"]) == set(extra)
    assert stepped.rows("intake", Petition) == []


def test_no_address_is_kept(stepped: Ground) -> None:
    client = stepped.client("intake", None)
    client.post(
        "/api/portal/petitions",
        json={"text": "路灯坏了"},
        environ_overrides={"REMOTE_ADDR": "203.0.113.77"},
        headers={"X-Forwarded-For": "203.0.113.78", "User-Agent": "marked-agent"},
    )
    [petition] = stepped.rows("intake", Petition)
    kept = str(vars(petition)) + "".join(event.to_json() for event in stepped.outbox("intake"))
    assert "203.0.113" not in kept and "marked-agent" not in kept


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "lower", "wide", "spaced"])
def test_a_code_is_known_however_it_is_typed(stepped: Ground, typed: str) -> None:
    petition, code = submitted(stepped)
    forms = {
        "lower": code.lower(),
        "wide": "".join(chr(ord(c) + 0xFEE0) for c in code),
        "spaced": " ".join(code.replace("-", "")),
    }
    answer = look(stepped, forms.get(typed) or typed.format(code))
    assert answer.status_code == 200
    assert answer.json["number"] == petition["number"]
    assert (answer.json["status"], answer.json["in_charge"]) == ("registered", [])


@pytest.mark.parametrize("code", ["", "x", WRONG, "路灯", "\x00", "\ud800", "A" * 50_000, "0" * 16])
def test_wrong_codes_are_answered_alike(stepped: Ground, code: str) -> None:
    submitted(stepped)
    usual = look(stepped, WRONG)
    answer = look(stepped, code)
    rating = rate(stepped, code, "satisfied", 1)
    assert answer.status_code == rating.status_code == usual.status_code == 404
    assert answer.json == rating.json == usual.json


def test_wrong_codes_are_slowed_down_and_right_ones_are_not(stepped: Ground) -> None:
    _petition, code = submitted(stepped)
    pauses: list[float] = []
    stepped.composed.app("intake").extensions["huajie-portal-limiter"] = Limiter(pauses.append)
    with clock.travel(clock.now()):
        for number in range(FREE_TRIES + 3):
            prefix = ALPHABET[number % len(ALPHABET)] * 4
            assert look(stepped, prefix + "2" * 12).status_code == 404
        assert len(pauses) == 3
        assert look(stepped, code).status_code == 200
        assert len(pauses) == 3


def test_the_delay_grows_stays_bounded_and_goes_away() -> None:
    with clock.travel(clock.now()) as move:
        limiter = Limiter()
        codes = [ALPHABET[n % 30] * 4 + ALPHABET[n // 30] * 12 for n in range(300)]
        delays = [limiter.delay_for(code) for code in codes[: FREE_TRIES + 50]]
        assert delays[:FREE_TRIES] == [0] * FREE_TRIES
        assert delays == sorted(delays) and 0 < delays[FREE_TRIES] <= LONGEST_DELAY == delays[-1]
        move(timedelta(minutes=3))
        assert limiter.delay_for(codes[0]) == 0


def test_who_tries_one_beginning_is_slowed_earlier() -> None:
    with clock.travel(clock.now()):
        limiter = Limiter()
        delays = [limiter.delay_for("ABCD" + sign * 12) for sign in ALPHABET[: FREE_TRIES_OF_PREFIX + 1]]
        assert delays[:-1] == [0] * FREE_TRIES_OF_PREFIX and delays[-1] > 0
        assert limiter.delay_for("EFGH" + "2" * 12) == 0


def test_few_wait_at_once() -> None:
    depth: list[int] = []

    def pause(_seconds: float) -> None:
        depth.append(len(depth) + 1)
        if len(depth) < 10:
            limiter.wrong("ABCD")  # another request comes while this one waits

    with clock.travel(clock.now()):
        limiter = Limiter(pause)
        for _ in range(FREE_TRIES_OF_PREFIX):
            limiter.delay_for("ABCD")
        limiter.wrong("ABCD")
    assert len(depth) == MOST_WAITING


def test_the_code_shows_who_is_in_charge_and_which_dates_apply(stepped: Ground) -> None:
    petition, code = submitted(stepped, text="标记内容", title="标记标题")
    step(stepped, petition, "accept", category="appeal", procedure="petition")
    stepped.client("intake", "head").post(f"/api/petitions/{petition['id']}/read")
    opened(stepped, petition)
    for number, duty in enumerate(("handling", "plan")):
        data = case_data(petition["id"], petition["number"])
        del data["case_id"]
        clock_id = f"00000000-0000-4000-8000-00000000000{number}"
        tell(
            stepped.instance("intake").db,
            ClockStartedV1,
            **data,
            clock_id=clock_id,
            duty=duty,
            holder="office-1",
            due_on=MARCH_20,
            started_on=at(1).date(),
            provisional=False,
        )
    answer = look(stepped, code)
    shown = answer.json
    assert shown["status"] == "in_charge"
    assert [unit["code"] for unit in shown["in_charge"]] == ["leader-1", "office-1", "team-1"]
    assert [reader["code"] for reader in shown["read_by"]] == ["head"]
    assert [(d["duty"], d["due_on"], d["done"]) for d in shown["dates"]] == [("handling", "2026-03-20", None)]
    assert {line["what"] for line in shown["history"]} == {"registered", "accepted", "opened"}
    assert "标记" not in answer.text


def test_an_accusation_shows_no_outcome(stepped: Ground) -> None:
    outcomes = {}
    for category in ("accusation", "appeal"):
        petition, code = submitted(stepped)
        step(stepped, petition, "accept", category=category)
        opened(stepped, petition)
        closed(stepped, petition)
        shown = look(stepped, code).json
        assert shown["status"] == "closed"
        outcomes[category] = shown["outcome"]
    assert outcomes == {"accusation": None, "appeal": "upheld"}


def test_declined_it_says_why_and_where_to_go(stepped: Ground) -> None:
    petition, code = submitted(stepped)
    step(stepped, petition, "decline", reason="statutory_procedure", where_to_go="请向县法院起诉")
    shown = look(stepped, code).json
    assert (shown["status"], shown["where_to_go"]) == ("declined", "请向县法院起诉")


def test_transferred_it_says_to_whom(stepped: Ground) -> None:
    petition, code = submitted(stepped)
    step(stepped, petition, "transfer", to_agency="agency-education")
    shown = look(stepped, code).json
    assert (shown["status"], shown["transferred_to"]["code"]) == ("transferred", "agency-education")


def test_each_round_is_rated_once_after_its_end(stepped: Ground) -> None:
    petition, code = submitted(stepped)
    db = stepped.instance("intake").db
    step(stepped, petition, "accept", category="appeal")
    opened(stepped, petition)
    assert rate(stepped, code, "satisfied", 1).status_code == 409
    closed(stepped, petition)
    assert look(stepped, code).json["ratable_round"] == 1
    assert rate(stepped, code, "dissatisfied", 2).status_code == 409
    assert rate(stepped, code, "dissatisfied", 1).status_code == 201
    again = rate(stepped, code, "satisfied", 1)
    assert again.status_code == 409 and "rated already" in again.json["detail"]
    assert look(stepped, code).json["ratable_round"] is None
    data = case_data(petition["id"], petition["number"])
    second = in_charge(office="office-2")
    tell(db, CaseReopenedV1, **data, **second, round=2, reason="dissatisfied", reopened_at=at(16))
    shown = look(stepped, code).json
    assert (shown["status"], shown["round"]) == ("in_charge", 2)
    assert shown["in_charge"][1]["code"] == "office-2"
    assert rate(stepped, code, "satisfied", 2).status_code == 409
    tell(db, ReplyGivenV1, **data, round=2, means="in_person", replied_on=MARCH_20)
    assert rate(stepped, code, "satisfied", 2).status_code == 201
    events = stepped.outbox("intake", "intake.petition.rated.v1")
    assert [(e.data["round"], e.data["rating"]) for e in events] == [(1, "dissatisfied"), (2, "satisfied")]


@pytest.mark.parametrize("wrong", [{"rating": "angry"}, {"round": 0}, {"round": "first"}])
def test_bad_ratings_are_named(stepped: Ground, wrong: dict[str, Any]) -> None:
    body = {"code": WRONG, "rating": "satisfied", "round": 1} | wrong
    answer = stepped.client("intake", None).post("/api/portal/rating", json=body)
    assert answer.status_code == 422 and set(answer.json["errors"]) == set(wrong)


def test_the_code_shows_what_the_other_services_did(stepped: Ground) -> None:
    petition, code = submitted(stepped)
    step(stepped, petition, "accept", category="appeal", procedure="petition")
    stepped.carry()
    shown = look(stepped, code).json
    assert shown["status"] == "in_charge"
    assert [unit["name"] for unit in shown["in_charge"]] == [
        "班子成员（一）·副书记",
        "第一纪检监察室",
        "第一派驻纪检监察组",
    ]
    assert {(d["duty"], d["done"]) for d in shown["dates"]} == {("decision", True), ("handling", None)}


def test_the_code_shows_what_comes_next(stepped: Ground) -> None:
    petition, code = submitted(stepped, person={"name": "甲某", "phone": "13800000000"})
    stepped.carry()
    shown = look(stepped, code).json
    assert shown["next"]["step"] == "screening"
    assert shown["next"]["due_on"] == next(d["due_on"] for d in shown["dates"] if d["duty"] == "decision")
    step(stepped, petition, "accept", category="appeal", procedure="petition")
    stepped.carry()
    shown = look(stepped, code).json
    assert shown["next"] == {
        "step": "handling",
        "due_on": next(d["due_on"] for d in shown["dates"] if d["duty"] == "handling"),
    }
    closed(stepped, petition)
    assert look(stepped, code).json["next"]["step"] == "reply"
    data = case_data(petition["id"], petition["number"], round=1, means="in_person", replied_on=MARCH_20)
    tell(stepped.instance("intake").db, ReplyGivenV1, **data)
    assert look(stepped, code).json["next"] == {"step": "your_rating", "due_on": None}
    rate(stepped, code, "satisfied", 1)
    assert look(stepped, code).json["next"] is None


def test_the_code_shows_who_looked_at_the_identity_and_not_why(stepped: Ground) -> None:
    petition, code = submitted(stepped, person={"name": "甲某", "phone": "13800000000"})
    path = f"/api/petitions/{petition['id']}/identity"
    for post in ("clerk-1", "supervisor-1"):
        stepped.client("intake", post).post(path, json={"reason": "标记的理由"})
    answer = look(stepped, code)
    assert [look["code"] for look in answer.json["identity_opened"]] == ["clerk-1"]
    assert "标记" not in answer.text and "甲某" not in answer.text


def test_what_waits_for_an_agency(stepped: Ground) -> None:
    petition, code = submitted(stepped)
    step(stepped, petition, "transfer", to_agency="agency-education")
    assert look(stepped, code).json["next"]["step"] == "with_agency"
    stepped.carry()
    shown = look(stepped, code).json["next"]
    assert shown["step"] == "agency_answer" and shown["due_on"] is not None
