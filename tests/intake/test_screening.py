"""M3: accept, decline, transfer: which step is possible when, by whom, and who learns nothing of it."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.screening.rules import (
    PROCEDURES_OF,
    TRANSITIONS,
    State,
    Step,
    next_state,
    procedure_for,
)
from shared.contracts.intake import CATEGORIES, ORGANS, PROCEDURES
from shared.errors import Invalid, OutOfOrder
from shared.identity.recusal import Exclusion
from tests.factories import new_petition
from tests.ground import Ground
from tests.intake.steps import accepted, step


@given(st.lists(st.sampled_from(list(Step)), max_size=30))
def test_no_order_of_steps_leaves_the_table(steps: list[Step]) -> None:
    state, sealed = State.REGISTERED, False
    for wanted in steps:
        try:
            state = next_state(state, wanted)
        except OutOfOrder as refusal:
            assert wanted not in TRANSITIONS[state]
            assert refusal.message
        assert not sealed or state is State.SEALED
        sealed = state is State.SEALED


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("organ", ORGANS)
@pytest.mark.parametrize("chosen", [None, *PROCEDURES])
def test_the_sixty_days_are_only_for_appeals(category: str, organ: str, chosen: str | None) -> None:
    try:
        procedure = procedure_for(category, organ, chosen)
    except Invalid:
        assert category == "out_of_scope" or chosen not in PROCEDURES_OF[category]
    else:
        assert procedure == "petition" or chosen != "petition"
        assert procedure != "petition" or category == "appeal"


def test_accepting_announces_who_is_excluded(stepped: Ground) -> None:
    petition = new_petition(stepped, township=None, organ="petition_bureau")
    units = ["township-420324101", "office-2"]
    answer = step(
        stepped,
        petition,
        "accept",
        category="appeal",
        township="420324101",
        content_class="09",
        complained_of_units=units,
        superior_assigned=True,
    )
    assert answer.status_code == 200, answer.text
    assert answer.json["state"] == "accepted"
    assert answer.json["version"] > petition["version"]
    [event] = stepped.outbox("intake", "intake.petition.accepted.v1")
    assert event.data["excluded"] == sorted(units)
    assert (event.data["procedure"], event.data["township"]) == ("petition", "420324101")
    assert event.data["superior_assigned"] is True
    township = stepped.client("intake", "township-420324101")
    assert township.get(f"/api/petitions/{petition['id']}").status_code == 404
    assert township.get("/api/petitions").json["items"] == []


def test_the_township_sees_what_was_accepted_and_does_not_concern_it(stepped: Ground) -> None:
    petition = accepted(stepped)
    path = f"/api/petitions/{petition['id']}"
    assert stepped.client("intake", "township-420324100").get(path).status_code == 200
    assert stepped.client("intake", "township-420324101").get(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"category": "out_of_scope"}, "category"),
        ({"category": "gossip"}, "category"),
        ({"category": "accusation", "procedure": "petition"}, "procedure"),
        ({"category": "appeal", "township": "999999999"}, "township"),
        ({"category": "appeal", "township": None}, "township"),
        ({"category": "appeal", "content_class": "zz"}, "content_class"),
        ({"category": "appeal", "complained_of_units": ["nobody"]}, "complained_of_units"),
        ({"category": "appeal", "complained_of_units": ["head"]}, "complained_of_units"),
        ({"category": "appeal", "threat_level": 3}, "threat_level"),
    ],
)
def test_bad_acceptance_changes_nothing(stepped: Ground, body: dict[str, Any], field: str) -> None:
    petition = new_petition(stepped, township=None)
    given = {"township": "420324100"} | body
    answer = step(stepped, petition, "accept", **{k: v for k, v in given.items() if v is not None})
    assert answer.status_code == 422
    assert field in answer.json["errors"]
    after = stepped.client("intake", "clerk-1").get(f"/api/petitions/{petition['id']}").json
    assert after == petition
    assert stepped.rows("intake", Exclusion) == []


def test_nobody_screens_what_complains_of_their_unit(stepped: Ground) -> None:
    petition = new_petition(stepped)
    answer = step(stepped, petition, "accept", category="appeal", complained_of_units=["petition-office"])
    assert answer.status_code == 403
    by_head = step(
        stepped, petition, "accept", by="head", category="appeal", complained_of_units=["petition-office"]
    )
    assert by_head.status_code == 200
    assert stepped.client("intake", "clerk-1").get(f"/api/petitions/{petition['id']}").status_code == 404


def test_a_township_screens_its_own_unless_it_is_complained_of(stepped: Ground) -> None:
    post = "township-420324100"
    own, other, county = (
        new_petition(stepped, by=post, organ="township"),
        new_petition(stepped, by=post, organ="township"),
        new_petition(stepped, by=post),
    )
    assert step(stepped, own, "accept", by=post, category="appeal").status_code == 200
    refused = step(stepped, other, "accept", by=post, category="appeal", complained_of_units=[post])
    assert refused.status_code == 403
    assert step(stepped, county, "accept", by=post, category="appeal").status_code == 403


@pytest.mark.parametrize("post", ["leader-1", "office-1-a", "liaison-police", "operator-1", "supervisor-1"])
def test_other_roles_do_not_screen(stepped: Ground, post: str) -> None:
    petition = new_petition(stepped)
    assert step(stepped, petition, "accept", by=post, category="appeal").status_code == 403


def test_declining_keeps_the_advice_out_of_the_event(stepped: Ground) -> None:
    petition = new_petition(stepped)
    answer = step(
        stepped, petition, "decline", reason="statutory_procedure", where_to_go="请向县法院提起诉讼"
    )
    assert answer.json["state"] == "declined"
    [event] = stepped.outbox("intake", "intake.petition.declined.v1")
    assert event.data["reason"] == "statutory_procedure"
    assert "法院" not in event.to_json()
    decisions = stepped.client("intake", "clerk-2").get(f"/api/petitions/{petition['id']}/decisions").json
    assert [(d["step"], d["by"], d["note"]) for d in decisions] == [
        ("decline", "clerk-1", "请向县法院提起诉讼")
    ]


def test_a_second_decision_says_what_happened(stepped: Ground) -> None:
    petition = new_petition(stepped)
    first = step(stepped, petition, "accept", category="appeal").json
    stale = step(stepped, petition, "decline", reason="no_substance", where_to_go="无实质内容")
    assert (stale.status_code, stale.json["type"]) == (409, "urn:huajie:problem:changed")
    again = step(stepped, first, "accept", category="appeal")
    assert (again.status_code, again.json["type"]) == (409, "urn:huajie:problem:out-of-order")
    assert "accepted already" in again.json["detail"]
    assert len(stepped.outbox("intake", "intake.petition.accepted.v1")) == 1


def test_no_text_of_a_petition_is_in_any_event(stepped: Ground) -> None:
    petition = accepted(stepped, "accusation", complained_of="某村支书", text="标记七七", place="标记八八")
    step(stepped, petition, "seal-away")
    bodies = "".join(event.to_json() for event in stepped.outbox("intake"))
    assert not re.search("标记|支书|甲某|138", bodies)
