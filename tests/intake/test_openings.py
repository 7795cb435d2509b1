"""An accusation is opened by two: who asks, who may agree, and that one look is all that comes of it."""

from datetime import timedelta
from typing import Any

import pytest

from services.intake.identities.models import IdentityAccess
from services.intake.identities.rules import OPENS_FOR
from shared import clock
from tests.factories import new_petition
from tests.ground import Ground
from tests.intake.steps import accepted

REASON = {"reason": "电话核实情况"}


def ask(ground: Ground, petition: dict[str, Any], by: str = "clerk-1", status: int = 201) -> Any:
    path = f"/api/petitions/{petition['id']}/identity-requests"
    answer = ground.client("intake", by).post(path, json=REASON)
    assert answer.status_code == status, answer.text
    return answer.json


def decide(ground: Ground, asked: Any, by: str, status: int = 200, *, agreed: bool = True) -> Any:
    body = {"agreed": agreed, "version": asked["version"]}
    answer = ground.client("intake", by).post(f"/api/identity-requests/{asked['id']}/decision", json=body)
    assert answer.status_code == status, answer.text
    return answer.json


def look(ground: Ground, petition: dict[str, Any], by: str = "clerk-1") -> int:
    path = f"/api/petitions/{petition['id']}/identity"
    return ground.client("intake", by).post(path, json=REASON).status_code


def test_a_look_at_an_accuser_takes_two_and_is_good_once(stepped: Ground) -> None:
    petition = accepted(stepped, "accusation")
    assert look(stepped, petition) == 409
    asked = ask(stepped, petition)
    assert look(stepped, petition) == 409
    decide(stepped, asked, "head")
    assert look(stepped, petition) == 200
    assert look(stepped, petition) == 409
    log = [(entry.post, entry.act) for entry in stepped.rows("intake", IdentityAccess)]
    assert log == [
        ("clerk-1", "refused"),
        ("clerk-1", "asked"),
        ("clerk-1", "refused"),
        ("head", "agreed"),
        ("clerk-1", "seen"),
        ("clerk-1", "refused"),
    ]


def test_an_agreement_ends_after_a_day(stepped: Ground) -> None:
    with clock.travel(clock.now()) as move:
        petition = accepted(stepped, "accusation")
        decide(stepped, ask(stepped, petition), "head")
        move(OPENS_FOR + timedelta(seconds=1))
        assert look(stepped, petition) == 409
        decide(stepped, ask(stepped, petition), "head")
        assert look(stepped, petition) == 200


def test_who_is_refused_sees_nothing_and_may_ask_again(stepped: Ground) -> None:
    petition = accepted(stepped, "accusation")
    asked = ask(stepped, petition)
    ask(stepped, petition, status=409)
    decide(stepped, asked, "head", agreed=False)
    assert look(stepped, petition) == 409
    decide(stepped, ask(stepped, petition), "head")
    assert look(stepped, petition) == 200


@pytest.mark.parametrize(
    ("asker", "decider", "status"),
    [
        ("clerk-1", "supervisor-1", 403),
        ("clerk-1", "leader-1", 403),
        ("clerk-1", "clerk-1", 403),
        ("head", "head", 403),
        ("head", "supervisor-1", 200),
    ],
)
def test_who_may_agree(stepped: Ground, asker: str, decider: str, status: int) -> None:
    petition = accepted(stepped, "accusation")
    asked = ask(stepped, petition, asker)
    decide(stepped, asked, decider, status)
    assert look(stepped, petition, asker) == (200 if status == 200 else 409)


def test_a_deputy_stands_in_for_the_head(stepped: Ground) -> None:
    today = clock.today().isoformat()
    given = {"deputy": "deputy", "starts_on": today, "ends_on": today}
    assert stepped.client("intake", "head").post("/api/delegations", json=given).status_code == 201
    petition = accepted(stepped, "accusation")
    decide(stepped, ask(stepped, petition, "head"), "deputy")
    assert look(stepped, petition, "head") == 200


def test_nobody_who_is_complained_of_hears_of_it(stepped: Ground) -> None:
    petition = accepted(stepped, "accusation", complained_of_units=["supervision-office"])
    asked = ask(stepped, petition, "head")
    decide(stepped, asked, "supervisor-1", 404)
    assert stepped.client("intake", "supervisor-1").get("/api/identity-requests").json == []


def test_the_list_holds_what_is_mine_to_decide_and_what_i_asked(stepped: Ground) -> None:
    asked = ask(stepped, accepted(stepped, "accusation"))
    for post, sees in (("head", 1), ("clerk-1", 1), ("clerk-2", 0), ("supervisor-1", 0)):
        listed = stepped.client("intake", post).get("/api/identity-requests").json
        assert [one["id"] for one in listed] == [asked["id"]] * sees, post


def test_what_may_be_an_accusation_is_treated_as_one_until_it_is_screened(stepped: Ground) -> None:
    assert look(stepped, new_petition(stepped, complained_of="某干部")) == 409
    assert look(stepped, new_petition(stepped)) == 200
    ask(stepped, new_petition(stepped), status=409)


def test_an_erased_identity_opens_no_more(stepped: Ground) -> None:
    petition = new_petition(stepped)
    path = f"/api/petitions/{petition['id']}/identity/erasure"
    assert stepped.client("intake", "clerk-1").post(path, json=REASON).status_code == 403
    assert stepped.client("intake", "head").post(path, json={"reason": ""}).status_code == 422
    assert stepped.client("intake", "head").post(path, json=REASON).status_code == 204
    assert look(stepped, petition) == 404
    assert stepped.client("intake", "head").post(path, json=REASON).status_code == 404
