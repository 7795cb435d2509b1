"""M25: an extract is for one agency and one purpose, names nobody, and is gone at its end."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from services.notify.network import rules
from services.notify.network.models import Extract, Matter
from services.notify.network.tasks import end_expired
from shared import clock
from shared.errors import Invalid
from tests.alone import OneService
from tests.notify.look import inbox, told
from tests.story import Story

POLICE, WORDS = "liaison-police", "村道没有修完，请协助核实施工许可。"
STEPS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("issue", "leader-1", {}),
    ("receipt", POLICE, {}),
    ("answer", POLICE, {"result": "done", "text": "已经核实并书面回复。"}),
)


def in_charge(notify: OneService, **accepted: Any) -> Story:
    """A petition that leader-1 has in charge."""
    story = Story()
    notify.feed(story.registered(), story.accepted(**accepted), story.opened())
    return story


def body(**changes: Any) -> dict[str, Any]:
    today = clock.today()
    return {
        "agency": "agency-police",
        "purpose": "own_part",
        "basis": "regulation-22",
        "parts": ["township", "received_on", "in_charge"],
        "summary": WORDS,
        "asked": WORDS,
        "answer_by": (today + timedelta(days=7)).isoformat(),
        "expires_on": (today + timedelta(days=30)).isoformat(),
    } | changes


def drafted(notify: OneService, story: Story, **changes: Any) -> dict[str, Any]:
    extract: dict[str, Any] = notify.post(
        "office-1-a", f"/api/petitions/{story.id}/extracts", **body(**changes)
    )
    return extract


def kept_of(notify: OneService) -> list[Extract]:
    with notify.db.read() as session:
        return list(session.scalars(select(Extract)))


def take(
    notify: OneService, extract: dict[str, Any], what: str, post: str, status: int = 200, **more: Any
) -> Any:
    path = f"/api/extracts/{extract['id']}/{what}"
    return notify.post(post, path, status, version=extract["version"], **more)


def walked(notify: OneService, story: Story, until: str) -> dict[str, Any]:
    """An extract that has taken its steps up to one of STEPS."""
    extract = drafted(notify, story)
    for name, post, more in STEPS:
        extract = take(notify, extract, name, post, **more)
        if name == until:
            break
    return extract


def test_from_the_draft_to_the_answer(notify: OneService) -> None:
    story = in_charge(notify)
    draft = drafted(notify, story)
    assert notify.get(POLICE, "/api/extracts")["items"] == [], "a draft is nobody's business"
    notify.get(POLICE, f"/api/extracts/{draft['id']}", 404)
    issued = take(notify, draft, "issue", "leader-1")
    assert told(notify)["extract.issued"] == ["agency-police"]
    (seen,) = notify.get(POLICE, "/api/extracts")["items"]
    assert (seen["id"], seen["state"], seen["number"]) == (draft["id"], "issued", story.number)
    content = notify.get(POLICE, f"/api/extracts/{draft['id']}")["content"]
    assert content == {
        "township": "420324100", "received_on": clock.today().isoformat(), "in_charge": "leader-1",
    }  # fmt: skip
    read = take(notify, issued, "receipt", POLICE)
    assert read["read_by"] == POLICE
    answered = take(notify, read, "answer", POLICE, result="done", text=WORDS)
    assert answered["answer"] == WORDS
    assert told(notify)["extract.answered"] == ["leader-1", "office-1"]
    assert [e["agency"] for e in notify.events("extract.issued", "extract.read", "extract.answered")] == [
        "agency-police"
    ] * 3
    assert all(WORDS not in str(e) and str(story.id) not in str(e) for e in notify.events("extract.issued"))


def test_the_agency_learns_of_it_in_its_inbox_without_a_number(notify: OneService) -> None:
    story = in_charge(notify)
    walked(notify, story, "issue")
    (notice,) = inbox(notify, POLICE)["items"]
    assert notice["reference"] is None and story.number not in notice["text"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"purpose": "help", "basis": "regulation-22"}, "basis"),
        ({"purpose": "help", "basis": "regulation-27", "parts": ["in_charge"]}, "parts"),
        ({"parts": ["petitioner"]}, "parts.0"),
        ({"purpose": "watch"}, "purpose"),
        ({"agency": "team-2"}, "agency"),
        ({"agency": "agency-unknown"}, "agency"),
        ({"summary": "请联系他，13800000000。"}, "summary"),
        ({"asked": "身份证420324 19900101 002X的人"}, "asked"),
        ({"asked": "办公电话0719-2722222"}, "asked"),
        ({"answer_by": "2020-01-01"}, "answer_by"),
        ({"expires_on": "2199-01-01"}, "expires_on"),
        ({"summary": ""}, "summary"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    notify: OneService, changes: dict[str, Any], field: str
) -> None:
    story = in_charge(notify)
    answer = notify.post("office-1-a", f"/api/petitions/{story.id}/extracts", 422, **body(**changes))
    assert field in answer["errors"], answer
    assert kept_of(notify) == []


def test_numbers_that_name_nobody_are_taken(notify: OneService) -> None:
    story = in_charge(notify)
    drafted(notify, story, summary="2026年3月5日，按竹政发〔2025〕12号文件，补偿款138000元未发。")


def test_an_accusation_is_hardly_passed_on(notify: OneService) -> None:
    story = in_charge(notify, category="accusation", procedure="discipline")
    path = f"/api/petitions/{story.id}/extracts"
    assert "purpose" in notify.post("leader-1", path, 422, **body())["errors"]
    protection = body(purpose="protection", basis="rules-49", parts=["township"])
    assert notify.post("leader-1", path, **protection)["purpose"] == "protection"


@pytest.mark.parametrize("post", ["leader-2", "office-2-a", "team-1", "clerk-1", "supervisor-1", POLICE])
def test_only_those_in_charge_share(notify: OneService, post: str) -> None:
    story = in_charge(notify)
    status = 404 if post in ("leader-2", "office-2-a") else 403
    notify.post(post, f"/api/petitions/{story.id}/extracts", status, **body())


def test_an_office_does_not_issue_and_another_agency_sees_nothing(notify: OneService) -> None:
    story = in_charge(notify)
    draft = drafted(notify, story)
    take(notify, draft, "issue", "office-1-a", 403)
    issued = take(notify, draft, "issue", "head")
    for what in ("receipt", "answer"):
        take(notify, issued, what, "liaison-health", 404, **({} if what == "receipt" else STEPS[2][2]))
    notify.get("liaison-health", f"/api/extracts/{issued['id']}", 404)
    assert notify.get("liaison-health", "/api/extracts")["items"] == []


def test_it_does_not_go_to_whom_the_petition_complains_of(notify: OneService) -> None:
    story = in_charge(notify, excluded=["agency-police"])
    path = f"/api/petitions/{story.id}/extracts"
    assert "agency" in notify.post("leader-1", path, 422, **body())["errors"]


@pytest.mark.parametrize("until", ["issue", "receipt", "answer"])
def test_who_turns_out_to_be_complained_of_keeps_nothing(notify: OneService, until: str) -> None:
    story = in_charge(notify)
    extract = walked(notify, story, until)
    drafted(notify, story)
    notify.feed(story.rerouted(excluded=["agency-police"]))
    notify.get(POLICE, f"/api/extracts/{extract['id']}", 404)
    assert inbox(notify, POLICE)["items"] == []
    (kept,) = kept_of(notify)
    assert (kept.state, kept.recalled_for, kept.summary, kept.content) == ("recalled", "recusal", None, None)
    assert [e["reason"] for e in notify.events("extract.ended")] == ["recusal"]


def test_a_withdrawn_petition_takes_its_extracts_along(notify: OneService) -> None:
    story = in_charge(notify)
    walked(notify, story, "answer")
    drafted(notify, story)
    notify.feed(story.withdrawn())
    (kept,) = kept_of(notify)
    assert (kept.state, kept.recalled_for, kept.answer) == ("recalled", "withdrawn", None)
    with notify.db.read() as session:
        assert session.scalars(select(Matter)).all() == []


def test_recalled_it_is_gone_for_the_agency_at_once(notify: OneService) -> None:
    story = in_charge(notify)
    read = walked(notify, story, "receipt")
    recalled = take(notify, read, "recall", "leader-1", reason="no_longer_needed")
    assert (recalled["content"], recalled["summary"], recalled["asked"]) == (None, None, None)
    notify.get(POLICE, f"/api/extracts/{read['id']}", 404)
    take(notify, read, "answer", POLICE, 404, result="done", text=WORDS)
    assert notify.get("office-1-a", f"/api/extracts/{read['id']}")["recalled_for"] == "no_longer_needed"


def test_at_its_last_day_what_it_said_is_destroyed(notify: OneService) -> None:
    with clock.travel(clock.now()) as move:
        story = in_charge(notify)
        walked(notify, story, "answer")
        drafted(notify, story)
        move(timedelta(days=30))
        end_expired(notify.instance)
        assert {e.state for e in kept_of(notify)} == {"answered", "draft"}
        move(timedelta(days=1))
        end_expired(notify.instance)
    (kept,) = kept_of(notify)
    assert (kept.state, kept.summary, kept.asked, kept.answer, kept.content) == ("expired", *[None] * 4)
    assert kept.answered_at and kept.result == "done", "that it was answered stays on file"


def test_no_step_is_skipped_or_taken_twice(notify: OneService) -> None:
    story = in_charge(notify)
    extract = drafted(notify, story)
    for done, (name, post, more) in enumerate(STEPS):
        for other, (wrong, by, its) in enumerate(STEPS):
            if other != done:
                status = 404 if done == 0 and by == POLICE else 409
                take(notify, extract, wrong, by, status, **its)
        extract = take(notify, extract, name, post, **more)
    take(notify, extract, "discard", "office-1-a", 409)


def test_of_two_who_act_at_once_the_later_is_told(notify: OneService) -> None:
    story = in_charge(notify)
    issued = walked(notify, story, "issue")
    take(notify, issued, "receipt", POLICE)
    take(notify, issued, "recall", "leader-1", 409, reason="no_longer_needed")


@given(
    purpose=st.sampled_from(list(rules.PURPOSES)),
    basis=st.sampled_from(rules.BASES),
    parts=st.sets(st.sampled_from(rules.PARTS)),
    category=st.sampled_from(["accusation", "appeal", "suggestion"]),
)
def test_a_purpose_opens_only_what_it_names(purpose: str, basis: str, parts: set[str], category: str) -> None:
    allowed = rules.PURPOSES[purpose]
    fits = basis in allowed.bases and parts <= allowed.parts
    fits = fits and (category != "accusation" or purpose in ("urgent", "protection"))
    try:
        rules.check_purpose(purpose, basis, parts, category=category)
    except Invalid:
        assert not fits
    else:
        assert fits


@given(st.from_regex(r"1[3-9]\d{9}", fullmatch=True), st.sampled_from(["", " ", "-", "."]))
def test_no_telephone_number_gets_through(number: str, between: str) -> None:
    with pytest.raises(Invalid):
        rules.check_text(f"电话{number[:3]}{between}{number[3:7]}{between}{number[7:]}。", "summary")


def test_an_id_that_never_was_is_answered_as_one_that_is_not_mine(notify: OneService) -> None:
    story = in_charge(notify)
    draft = drafted(notify, story)
    hidden = notify.get(POLICE, f"/api/extracts/{draft['id']}", 404)
    missing = notify.get(POLICE, f"/api/extracts/{uuid4()}", 404)
    assert hidden["detail"] == missing["detail"]
