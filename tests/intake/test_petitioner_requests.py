"""M1: objection, review, consent withdrawn, retaliation: when, who learns of it, who answers."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.intake.petitioner_requests.models import PetitionerRequest
from services.intake.petitioner_requests.rules import Kind, last_day_of_review, possible
from services.intake.registration.models import Petition
from shared import clock
from shared.contracts.assignment import CaseReopenedV1, ReplyGivenV1
from shared.identity.recusal import exclude
from tests.ground import Ground
from tests.intake.steps import at, case_data, in_charge, step, tell
from tests.intake.test_portal import closed, look, opened, posted, submitted

REPLIED = date(2026, 3, 20)
ON_REPLY = datetime(2026, 3, 20, 2, tzinfo=UTC)
EVERY_READER = ("clerk-1", "head", "leader-1", "office-1-a", "team-1", "township-420324100", "supervisor-1")


def ask(ground: Ground, code: str, kind: str, text: str = "对答复不服") -> Any:
    return posted(ground, "/api/portal/requests", {"code": code, "kind": kind, "text": text})


def seen(ground: Ground, post: str, **filters: str) -> Any:
    return ground.client("intake", post).get("/api/petitioner-requests", query_string=filters)


def kinds_seen(ground: Ground, post: str) -> list[str]:
    return [request["kind"] for request in seen(ground, post).json["items"]]


def answer(ground: Ground, post: str, request: dict[str, Any], text: str = "已核实，说明如下") -> Any:
    body = {"version": request["version"], "text": text}
    path = f"/api/petitioner-requests/{request['id']}/answer"
    return ground.client("intake", post).post(path, json=body)


def replied(ground: Ground, **how: Any) -> tuple[dict[str, Any], str]:
    """A petition whose first round is closed and was replied to on 20 March 2026."""
    petition, code = submitted(ground, publicity_consent=how.pop("consent", False))
    step(ground, petition, "accept", **({"category": "appeal", "procedure": "petition"} | how))
    opened(ground, petition)
    closed(ground, petition)
    data = case_data(petition["id"], petition["number"], round=1, means="in_person", replied_on=REPLIED)
    tell(ground.instance("intake").db, ReplyGivenV1, **data)
    return petition, code


def test_before_the_reply_only_retaliation_can_be_reported(stepped: Ground) -> None:
    _petition, code = submitted(stepped)
    assert look(stepped, code).json["may_ask"] == ["retaliation"]
    for kind in ("objection", "review", "withdraw_consent"):
        assert ask(stepped, code, kind).status_code == 409
    assert ask(stepped, code, "retaliation").status_code == 201


def test_an_objection_is_answered_by_who_handled_it(stepped: Ground) -> None:
    _petition, code = replied(stepped, category="accusation", procedure="discipline")
    assert look(stepped, code).json["may_ask"] == ["objection", "retaliation"]
    assert ask(stepped, code, "objection").status_code == 201
    assert ask(stepped, code, "objection").status_code == 409  # one at a time
    assert "objection" not in look(stepped, code).json["may_ask"]
    (request,) = seen(stepped, "office-1-a").json["items"]
    assert (request["kind"], request["text"], request["due_on"]) == ("objection", "对答复不服", None)
    for post in EVERY_READER:
        assert kinds_seen(stepped, post) == ["objection"]
    assert answer(stepped, "team-1", request).status_code == 403
    assert answer(stepped, "head", request).status_code == 403
    assert answer(stepped, "office-2-a", request).status_code == 404
    assert answer(stepped, "office-1-a", request | {"version": 7}).status_code == 409
    assert answer(stepped, "office-1-a", request).status_code == 200
    assert answer(stepped, "clerk-1", request | {"version": 2}).status_code == 409
    (shown,) = look(stepped, code).json["requests"]
    assert (shown["state"], shown["answer"]) == ("answered", "已核实，说明如下")
    assert shown["answered_by"]["code"] == "office-1-a"
    assert ask(stepped, code, "objection", "仍有异议").status_code == 201


def test_review_is_for_the_petition_procedure_and_within_30_days(stepped: Ground) -> None:
    with clock.travel(ON_REPLY) as move:
        _petition, code = replied(stepped)
        assert look(stepped, code).json["may_ask"] == ["objection", "retaliation", "review"]
        move(timedelta(days=31))  # 20 April; the 30th day was a Sunday
        assert last_day_of_review(REPLIED) == clock.today() == date(2026, 4, 20)
        assert ask(stepped, code, "review").status_code == 201
        (request,) = seen(stepped, "clerk-1").json["items"]
        assert request["due_on"] == "2026-05-20"
        assert answer(stepped, "office-1-a", request).status_code == 403
        assert answer(stepped, "head", request).status_code == 200
        move(timedelta(days=1))
        late = ask(stepped, code, "review")
        assert late.status_code == 409 and "30 days" in late.json["detail"]


def test_review_does_not_belong_to_an_accusation(stepped: Ground) -> None:
    with clock.travel(ON_REPLY):
        _petition, code = replied(stepped, category="accusation", procedure="discipline")
        refused = ask(stepped, code, "review")
        assert refused.status_code == 409 and "Object to the reply" in refused.json["detail"]


def test_a_new_round_has_no_reply_yet(stepped: Ground) -> None:
    petition, code = replied(stepped)
    data = case_data(petition["id"], petition["number"], **in_charge(office="office-2"))
    tell(
        stepped.instance("intake").db,
        CaseReopenedV1,
        **data,
        round=2,
        reason="dissatisfied",
        reopened_at=at(25),
    )
    assert look(stepped, code).json["may_ask"] == ["retaliation"]


@pytest.mark.parametrize("consents", [True, False])
@pytest.mark.parametrize("closed_", [True, False])
def test_what_is_possible_is_what_the_articles_say(consents: bool, closed_: bool) -> None:
    for today in (REPLIED, last_day_of_review(REPLIED), last_day_of_review(REPLIED) + timedelta(days=1)):
        for procedure in ("petition", "discipline", None):
            for reply in (REPLIED, None):
                found = possible(
                    procedure=procedure, replied_on=reply, is_closed=closed_, consents=consents, today=today
                )
                assert Kind.RETALIATION in found
                assert (Kind.WITHDRAW_CONSENT in found) is consents
                assert (Kind.OBJECTION in found) is (closed_ or reply is not None)
                in_time = reply is not None and (today - REPLIED).days <= 31  # the 30th is a Sunday
                assert (Kind.REVIEW in found) is (procedure == "petition" and in_time)


def test_consent_is_withdrawn_at_once_and_disturbs_nobody(stepped: Ground) -> None:
    petition, code = replied(stepped, consent=True)
    clerk = stepped.client("intake", "clerk-1")
    before = clerk.get(f"/api/petitions/{petition['id']}").json
    assert before["publicity_consent"] is look(stepped, code).json["publicity_consent"] is True
    assert ask(stepped, code, "withdraw_consent", "").status_code == 201
    after = clerk.get(f"/api/petitions/{petition['id']}").json
    assert (after["publicity_consent"], after["version"]) == (False, before["version"])
    shown = look(stepped, code).json
    assert (shown["publicity_consent"], shown["requests"][0]["state"]) == (False, "answered")
    assert ask(stepped, code, "withdraw_consent", "").status_code == 409


def test_consent_is_no_where_nothing_is_said(stepped: Ground) -> None:
    submitted(stepped)
    assert [petition.publicity_consent for petition in stepped.rows("intake", Petition)] == [False]


def test_retaliation_is_shown_to_nobody_in_the_chain(stepped: Ground) -> None:
    petition, code = replied(stepped)
    assert ask(stepped, code, "retaliation", "标记：有人上门威胁").status_code == 201
    for post in EVERY_READER:
        told = ["retaliation"] if post == "supervisor-1" else []
        assert kinds_seen(stepped, post) == told, post
        assert seen(stepped, post, kind="retaliation", petition_id=petition["id"]).status_code == 200
    (request,) = seen(stepped, "supervisor-1", state="open").json["items"]
    for post in ("leader-1", "office-1-a", "clerk-1", "head"):
        assert answer(stepped, post, request).status_code == 404
    assert answer(stepped, "supervisor-1", request, "已派人核查").status_code == 200
    assert look(stepped, code).json["requests"][0]["answer"] == "已派人核查"
    stepped.carry()
    told = [event.to_json() for service in stepped.services for event in stepped.outbox(service.name)]
    assert not any("retaliation" in text or "标记" in text or "request.made" in text for text in told)


def test_retaliation_by_the_supervision_office_goes_to_the_head(stepped: Ground) -> None:
    petition, code = submitted(stepped, complained_of="案件监督管理室")
    ask(stepped, code, "retaliation")
    assert kinds_seen(stepped, "supervisor-1") == []
    (request,) = seen(stepped, "head").json["items"]
    assert answer(stepped, "head", request).status_code == 200
    assert kinds_seen(stepped, "clerk-1") == []


def test_who_is_recused_sees_no_request(stepped: Ground) -> None:
    petition, code = replied(stepped)
    ask(stepped, code, "objection")
    with stepped.instance("intake").db.write() as session:
        exclude(session, stepped.rows("intake", Petition)[0].id, ["office-1"])
    assert kinds_seen(stepped, "office-1-a") == []
    assert kinds_seen(stepped, "leader-1") == ["objection"]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("objection", {"clerk-1", "leader-1", "office-1-a"}),
        ("review", {"clerk-1", "head", "supervisor-1"}),
        ("withdraw_consent", {"clerk-1", "leader-1", "office-1-a", "team-1", "township-420324100"}),
    ],
)
def test_who_is_told_in_the_inbox(stepped: Ground, kind: str, told: set[str]) -> None:
    with clock.travel(ON_REPLY):
        petition, code = submitted(stepped, publicity_consent=True)
        step(stepped, petition, "accept", category="appeal", procedure="petition")
        stepped.carry()
        closed(stepped, petition)
        data = case_data(petition["id"], petition["number"], round=1, means="in_person", replied_on=REPLIED)
        tell(stepped.instance("intake").db, ReplyGivenV1, **data)
        assert ask(stepped, code, kind, "标记的缘由").status_code == 201
        stepped.carry()
        found = set()
        for post in EVERY_READER:
            inbox = stepped.client("notify", post).get("/api/inbox").text
            assert "标记" not in inbox
            found |= {post} if f"request.{kind}" in inbox else set()
    assert found == told
    (event,) = stepped.outbox("intake", "intake.request.made.v1")
    assert event.data["kind"] == kind and "标记" not in event.to_json()


@pytest.mark.parametrize(
    ("wrong", "field"), [({"kind": "angry"}, "kind"), ({"text": " "}, "text"), ({"kind": None}, "kind")]
)
def test_bad_requests_are_named(stepped: Ground, wrong: dict[str, Any], field: str) -> None:
    _petition, code = submitted(stepped)
    body = {"code": code, "kind": "retaliation", "text": "有人威胁"} | wrong
    refused = posted(stepped, "/api/portal/requests", body)
    assert refused.status_code == 422 and set(refused.json["errors"]) == {field}
    assert stepped.rows("intake", PetitionerRequest) == []


@pytest.mark.parametrize("post", ["operator-1", "liaison-police"])
def test_no_other_role_lists_them(stepped: Ground, post: str) -> None:
    assert seen(stepped, post).status_code == 403
