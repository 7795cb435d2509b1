"""Supervision letters (M18, M19): chosen from what is late, numbered, frozen, answered; about no person."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from sqlalchemy import select

from services.supervision.letters.models import Letter
from shared.contracts.supervision import DUTIES
from shared.documents import words
from shared.documents.package import MIME
from tests.supervision.desk import DAY, NOON, TOWNSHIP, Desk, Petition

Move = Callable[[timedelta], datetime]
SUPERVISOR = "supervisor-1"


def late_plan(desk: Desk, move: Move, **said: Any) -> Petition:
    """A petition whose plan is late with leader-1, and whose handling is not yet late with office-1."""
    petition = Petition(**said)
    for event in (petition.registered(), petition.accepted(), petition.opened()):
        desk.feed(event)
    return petition


def go_on(desk: Desk, move: Move, days: int) -> None:
    move(days * DAY)
    desk.run()


def wanted(desk: Desk, unit: str = "leader-1", **changes: Any) -> dict[str, Any]:
    """The body of a draft about all that is late with a unit."""
    late = desk.get(SUPERVISOR, f"/api/letters/late-matters?unit={unit}")
    body = {
        "addressee": unit,
        "clock_ids": [row["id"] for row in late],
        "reply_by": (NOON + 60 * DAY).date().isoformat(),
    }
    return body | changes


def issued(desk: Desk, **changes: Any) -> dict[str, Any]:
    letter = desk.post(SUPERVISOR, "/api/letters", **wanted(desk, **changes))
    found: dict[str, Any] = desk.post(
        SUPERVISOR, f"/api/letters/{letter['id']}/issue", 200, version=letter["version"]
    )
    return found


def text_of(file: bytes) -> str:
    document = Document(BytesIO(file))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_a_letter_lists_what_is_late_with_a_unit(desk: Desk, move: Move) -> None:
    petition = late_plan(desk, move)
    assert desk.get(SUPERVISOR, "/api/letters/late-units") == []
    go_on(desk, move, 40)
    assert desk.get(SUPERVISOR, "/api/letters/late-units") == [{"unit": "leader-1", "late": 1}]
    letter = issued(desk, demand="请同时核对台账。\n并说明分工。")
    assert letter["number"] == "竹纪督函〔2026〕1号"
    assert [(i["number"], i["duty"]) for i in letter["items"]] == [(petition.number, "plan")]
    due_on = desk.clock("plan", petition)["due_on"]
    assert letter["items"][0]["due_on"] == due_on

    answer = desk.client(SUPERVISOR).get(f"/api/letters/{letter['id']}/file")
    assert answer.mimetype == MIME
    assert answer.headers["Content-Disposition"].startswith(
        "attachment; filename=\"supervision-letter-2026-1.docx\"; filename*=UTF-8''%E7%AB%B9"
    )
    assert sha256(answer.data).hexdigest() == letter["sha256"]
    text = text_of(answer.data)
    day = date.fromisoformat(due_on)
    late_since = day + DAY
    for said in (
        "班子成员（一）·副书记：",
        petition.number,
        "制定五定方案",
        f"{day.year}年{day.month}月{day.day}日",
        f"{late_since.year}年{late_since.month}月{late_since.day}日",
        "请于2026年5月9日前书面报我委",
        "请同时核对台账。",
        "并说明分工。",
    ):
        assert said in text


def test_it_is_frozen_as_issued_and_told_to_its_unit_alone(desk: Desk, move: Move) -> None:
    petition = late_plan(desk, move)
    go_on(desk, move, 40)
    letter = issued(desk)
    before = desk.client("leader-1").get(f"/api/letters/{letter['id']}/file").data
    desk.feed(petition.planned(40, date(2026, 6, 1)))
    assert desk.client("leader-1").get(f"/api/letters/{letter['id']}/file").data == before
    (event,) = desk.events("letter.issued")
    assert event == {
        "letter_id": letter["id"],
        "document_number": letter["number"],
        "addressee": "leader-1",
        "reply_by": "2026-05-09",
        "issued_at": event["issued_at"],
    }
    assert petition.number not in json.dumps(event)
    for post, status in (
        ("leader-1", 200),
        ("deputy", 200),
        ("head", 200),
        ("leader-2", 404),
        ("office-1-a", 404),
    ):
        desk.get(post, f"/api/letters/{letter['id']}", status)
        desk.client(post).get(f"/api/letters/{letter['id']}/file")
        assert len(desk.get(post, "/api/letters")["items"]) == (status == 200)
    desk.get("operator-1", "/api/letters", 403)


def test_only_a_supervisor_writes_and_a_draft_is_theirs(desk: Desk, move: Move) -> None:
    late_plan(desk, move)
    go_on(desk, move, 40)
    body = wanted(desk)
    desk.post("clerk-1", "/api/letters", 403, **body)
    letter = desk.post(SUPERVISOR, "/api/letters", **body)
    assert letter["state"] == "draft" and letter["number"] is None
    for post in ("leader-1", "head", "clerk-1"):
        desk.get(post, f"/api/letters/{letter['id']}", 404)
    assert desk.client(SUPERVISOR).get(f"/api/letters/{letter['id']}/file").status_code == 404
    desk.post("leader-1", f"/api/letters/{letter['id']}/issue", 403, version=letter["version"])


def test_numbers_count_up_in_a_year_and_begin_anew(desk: Desk, move: Move) -> None:
    late_plan(desk, move)
    go_on(desk, move, 40)
    thrown = desk.post(SUPERVISOR, "/api/letters", **wanted(desk))
    desk.post(SUPERVISOR, f"/api/letters/{thrown['id']}/discard", 204, version=thrown["version"])
    assert issued(desk)["number"] == "竹纪督函〔2026〕1号"
    go_on(desk, move, 1)
    assert issued(desk)["number"] == "竹纪督函〔2026〕2号"
    go_on(desk, move, 300)
    assert issued(desk, reply_by="2027-03-01")["number"] == "竹纪督函〔2027〕1号"
    listed = desk.get(SUPERVISOR, "/api/letters?limit=2")
    assert [row["number"] for row in listed["items"]] == ["竹纪督函〔2027〕1号", "竹纪督函〔2026〕2号"]
    rest = desk.get(SUPERVISOR, f"/api/letters?after={listed['next']}")
    assert [row["number"] for row in rest["items"]] == ["竹纪督函〔2026〕1号"]


def test_what_complains_of_the_unit_is_not_in_a_letter_to_it(desk: Desk, move: Move) -> None:
    about_them, other = late_plan(desk, move), late_plan(desk, move)
    go_on(desk, move, 40)
    both = wanted(desk)
    desk.feed(about_them.rerouted(40, reason="roster_change", excluded=["leader-1"]))
    late = desk.get(SUPERVISOR, "/api/letters/late-matters?unit=leader-1")
    assert {row["number"] for row in late} == {other.number}
    assert desk.get(SUPERVISOR, "/api/letters/late-units") == [{"unit": "leader-1", "late": 1}]
    refused = desk.post(SUPERVISOR, "/api/letters", 422, **both)
    assert list(refused["errors"]) == ["clock_ids"]
    assert about_them.number not in json.dumps(refused)


def test_a_recusal_after_the_draft_stops_its_issue(desk: Desk, move: Move) -> None:
    about_them, _other = late_plan(desk, move), late_plan(desk, move)
    go_on(desk, move, 40)
    letter = desk.post(SUPERVISOR, "/api/letters", **wanted(desk))
    desk.feed(about_them.rerouted(40, reason="roster_change", excluded=["leader-1"]))
    refused = desk.post(SUPERVISOR, f"/api/letters/{letter['id']}/issue", 409, version=letter["version"])
    assert "1 are no longer late" in refused["detail"]
    changed = desk._ask(
        "put",
        SUPERVISOR,
        f"/api/letters/{letter['id']}",
        200,
        json={k: v for k, v in wanted(desk).items() if k != "addressee"} | {"version": letter["version"]},
    )
    assert len(changed["items"]) == 1
    done = desk.post(SUPERVISOR, f"/api/letters/{letter['id']}/issue", 200, version=changed["version"])
    assert about_them.number not in text_of(desk.client("head").get(f"/api/letters/{done['id']}/file").data)


def test_whoever_is_kept_out_of_a_matter_sees_no_letter_that_lists_it(desk: Desk, move: Move) -> None:
    petition = late_plan(desk, move)
    go_on(desk, move, 40)
    letter = issued(desk)
    assert desk.get("clerk-1", f"/api/letters/{letter['id']}")["number"] == letter["number"]
    desk.feed(petition.rerouted(40, reason="roster_change", excluded=["petition-office", "leader-1"]))
    for post in ("clerk-1", "leader-1"):
        desk.get(post, f"/api/letters/{letter['id']}", 404)
        assert desk.get(post, "/api/letters")["items"] == []


def test_what_was_done_meanwhile_must_leave_the_draft(desk: Desk, move: Move) -> None:
    petition = late_plan(desk, move)
    go_on(desk, move, 40)
    letter = desk.post(SUPERVISOR, "/api/letters", **wanted(desk))
    desk.feed(petition.planned(40, date(2026, 6, 1)))
    refused = desk.post(SUPERVISOR, f"/api/letters/{letter['id']}/issue", 409, version=letter["version"])
    assert refused["type"] == "urn:huajie:problem:out-of-order"
    with desk.db.read() as session:
        assert session.scalar(select(Letter.number)) is None
    assert desk.events("letter.issued") == []


def test_a_petition_that_leaves_by_the_sealed_route_stays_only_in_what_was_issued(
    desk: Desk, move: Move
) -> None:
    petition = late_plan(desk, move)
    go_on(desk, move, 40)
    letter = issued(desk)
    draft = desk.post(SUPERVISOR, "/api/letters", **wanted(desk))
    before = desk.client(SUPERVISOR).get(f"/api/letters/{letter['id']}/file").data
    desk.feed(petition.withdrawn(40))
    desk.post(SUPERVISOR, f"/api/letters/{draft['id']}/issue", 409, version=draft["version"])
    assert desk.client(SUPERVISOR).get(f"/api/letters/{letter['id']}/file").data == before
    assert desk.get(SUPERVISOR, "/api/letters/late-units") == []


def test_the_answer_is_noted_once(desk: Desk, move: Move) -> None:
    late_plan(desk, move)
    go_on(desk, move, 40)
    draft = desk.post(SUPERVISOR, "/api/letters", **wanted(desk))
    reply = {"replied_on": "2026-04-21", "reply": "已制定五定方案，原因是人员调整。"}
    path = f"/api/letters/{draft['id']}"
    early = desk.post(SUPERVISOR, f"{path}/reply", 409, version=draft["version"], **reply)
    assert "Issue it first" in early["detail"]
    letter = desk.post(SUPERVISOR, f"{path}/issue", 200, version=draft["version"])
    version = letter["version"]
    move(3 * DAY)
    for day in ("2026-04-18", "2026-04-23"):
        wrong = desk.post(SUPERVISOR, f"{path}/reply", 422, **reply | {"version": version, "replied_on": day})
        assert list(wrong["errors"]) == ["replied_on"]
    done = desk.post(SUPERVISOR, f"{path}/reply", 200, version=version, **reply)
    assert (done["state"], done["replied_on"], done["reply"]) == ("replied", "2026-04-21", reply["reply"])
    desk.post(SUPERVISOR, f"{path}/reply", 409, version=done["version"], **reply)
    desk.post(SUPERVISOR, f"{path}/issue", 409, version=done["version"])
    assert done["sha256"] == letter["sha256"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"clock_ids": []}, "clock_ids"),
        ({"clock_ids": ["6f1d1d63-3b8e-4e3c-9f5e-0d3c7f2b8a11"]}, "clock_ids"),
        ({"reply_by": "2026-04-19"}, "reply_by"),
        ({"reply_by": "19.4."}, "reply_by"),
        ({"addressee": "office-99"}, "addressee"),
        ({"demand": "长" * 1001}, "demand"),
    ],
)
def test_a_wrong_draft_is_told_at_its_field(
    desk: Desk, move: Move, changes: dict[str, Any], field: str
) -> None:
    late_plan(desk, move)
    go_on(desk, move, 40)
    refused = desk.post(SUPERVISOR, "/api/letters", 422, **wanted(desk) | changes)
    assert list(refused["errors"]) == [field]


def test_two_who_change_a_draft_at_once(desk: Desk, move: Move) -> None:
    late_plan(desk, move)
    go_on(desk, move, 40)
    letter = desk.post(SUPERVISOR, "/api/letters", **wanted(desk))
    refused = desk.post(SUPERVISOR, f"/api/letters/{letter['id']}/issue", 409, version=letter["version"] + 1)
    assert refused["type"] == "urn:huajie:problem:changed"


def test_a_township_is_written_to_at_its_party_committee(desk: Desk, move: Move) -> None:
    petition = Petition(organ="township")
    desk.feed(petition.registered())
    go_on(desk, move, 40)
    letter = issued(desk, unit=f"township-{TOWNSHIP}")
    file = desk.client(f"township-{TOWNSHIP}").get(f"/api/letters/{letter['id']}/file").data
    assert "中共城关镇委员会：" in text_of(file)
    assert petition.number in text_of(file)


def test_every_duty_has_its_name_in_documents() -> None:
    assert set(words.DUTIES) == set(DUTIES)
