"""The monthly bulletin: made once from the frozen summary, numbered, the same for every reader (M22, M26)."""

import json
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from docx import Document

from services.reporting.bulletin import rules, writing
from services.reporting.summary.rules import SMALLEST
from shared import clock
from shared.documents.package import MIME
from tests.alone import OneService
from tests.story import Story, at

TOWNS = ("420324100", "420324101")


def fill(reporting: OneService, month: str, count: int, first: int = 1) -> list[Story]:
    """A month of petitions in two townships; all but one are closed, 6 handling duties of office-1 run on."""
    stories = [Story(first + n, township=TOWNS[n % 2]) for n in range(count)]
    with clock.travel(at(f"{month}-03 09:00")) as move:
        for story in stories:
            reporting.feed(story.registered(), story.accepted(), story.opened())
        due = clock.today() + timedelta(days=20)
        for story in stories[:6]:
            reporting.feed(story.clock("started", uuid4(), due))
        move(timedelta(days=10))
        reporting.feed(*(story.closed() for story in stories[:-1]))
        reporting.feed(*(story.rated() for story in stories[:10]))
    return stories


def issue(reporting: OneService, month: str = "2026-03", post: str = "clerk-1", status: int = 201) -> Any:
    return reporting.post(post, "/api/bulletins", status, month=month)


def file_of(reporting: OneService, bulletin: dict[str, Any], post: str = "clerk-1") -> bytes:
    answer = reporting.client(post).get(f"/api/bulletins/{bulletin['id']}/file")
    assert (answer.status_code, answer.mimetype) == (200, MIME)
    return answer.data


def text_of(file: bytes) -> str:
    word = Document(BytesIO(file))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in word.paragraphs), *cells])


def test_it_is_issued_with_the_summary_and_numbered_by_year(reporting: OneService) -> None:
    fill(reporting, "2026-03", 24)
    with clock.travel(at("2026-04-03 08:00")):
        march = issue(reporting)
        assert march["number"] == "竹纪通报〔2026〕1号"
        (summary,) = reporting.get("head", "/api/summaries")
        assert (summary["month"], summary["number"]) == ("2026-03", "TB2026-000001")
    with clock.travel(at("2026-05-03 08:00")):
        reporting.post("clerk-1", "/api/summaries", month="2026-04")
        assert issue(reporting, "2026-04", "supervisor-1")["number"] == "竹纪通报〔2026〕2号"
    with clock.travel(at("2027-01-04 08:00")):
        assert issue(reporting, "2026-12")["number"] == "竹纪通报〔2027〕1号"
    listed = reporting.get("township-420324100", "/api/bulletins?limit=2")
    assert [row["month"] for row in listed["items"]] == ["2026-12", "2026-04"]
    rest = reporting.get("township-420324100", f"/api/bulletins?after={listed['next']}")
    assert [row["month"] for row in rest["items"]] == ["2026-03"]


def test_it_says_the_real_numbers_beside_other_months(reporting: OneService) -> None:
    for month, count, first in (("2025-03", 16, 1), ("2026-02", 20, 101), ("2026-03", 24, 201)):
        fill(reporting, month, count, first)
        year, number = map(int, month.split("-"))
        with clock.travel(at(f"{year}-{number + 1:02d}-03 08:00")):
            if month == "2026-03":
                bulletin = issue(reporting)
            else:
                reporting.post("clerk-1", "/api/summaries", month=month)
    rows = {row["measure"]: row for row in bulletin["contents"]["comparison"]}
    assert rows["registered"] == {
        "measure": "registered",
        "now": 24,
        "before": 20,
        "change": 20.0,
        "last_year": 16,
        "year_change": 50.0,
    }
    assert rows["on_time_share"]["now"] == 100.0
    text = text_of(file_of(reporting, bulletin))
    for said in (
        "关于2026年3月信访举报办理情况的通报",
        "竹纪通报〔2026〕1号",
        "本月登记信访举报24件（环比上升20.0%，同比上升50.0%）",
        "本月办结23件",
        "按期办结率100.0%",
        "城关镇",
        "2026年4月3日",
    ):
        assert said in text
    # the 6 of February and of March, and of March 2025 with them
    assert "第一纪检监察室\n办理并办结（18件）" in text


def test_it_is_frozen_and_told(reporting: OneService) -> None:
    stories = fill(reporting, "2026-03", 24)
    with clock.travel(at("2026-04-03 08:00")):
        bulletin = issue(reporting)
        before = file_of(reporting, bulletin)
        assert sha256(before).hexdigest() == bulletin["sha256"]
        reporting.feed(*(story.withdrawn() for story in stories))
        assert file_of(reporting, bulletin, "leader-1") == before
        assert reporting.get("head", f"/api/bulletins/{bulletin['id']}") == bulletin
        again = issue(reporting, status=409)
    assert "竹纪通报〔2026〕1号" in again["detail"]
    (event,) = reporting.events("bulletin.issued")
    assert event == {
        "bulletin_id": bulletin["id"],
        "document_number": bulletin["number"],
        "month": "2026-03",
        "issued_at": event["issued_at"],
    }


def test_who_may_issue_and_read(reporting: OneService) -> None:
    fill(reporting, "2026-03", 24)
    with clock.travel(at("2026-03-31 23:00")):
        early = issue(reporting, status=422)
        assert list(early["errors"]) == ["month"]
    with clock.travel(at("2026-04-01 08:00")):
        for post in ("head", "leader-1", "office-1-a", "operator-1"):
            issue(reporting, post=post, status=403)
        bulletin = issue(reporting)
    for post, status in (
        ("office-1-a", 200),
        ("township-420324101", 200),
        ("liaison-police", 403),
        ("operator-1", 403),
    ):
        reporting.get(post, f"/api/bulletins/{bulletin['id']}", status)
    reporting.get("head", f"/api/bulletins/{uuid4()}", 404)
    assert reporting.client("head").get(f"/api/bulletins/{uuid4()}/file").status_code == 404


def test_no_unit_finds_in_it_what_is_kept_from_it(reporting: OneService) -> None:
    """A matter of which a unit is kept out would show as the difference to what that unit counts itself."""
    stories = fill(reporting, "2026-03", 24)
    reporting.feed(stories[0].rerouted(excluded=["leader-2"]), stories[1].rerouted(excluded=["office-1"]))
    with clock.travel(at("2026-04-03 08:00")):
        bulletin = issue(reporting)
    (row,) = reporting.get("leader-2", "/api/summaries")
    own = reporting.get("leader-2", f"/api/summaries/{row['id']}")["figures"]["totals"]
    whole = reporting.get("head", f"/api/summaries/{row['id']}")["figures"]["totals"]
    public = reporting.get("leader-2", f"/api/summaries/{row['id']}/public")
    printed = bulletin["contents"]["totals"]
    assert (whole["registered"], own["registered"], printed["registered"]) == (24, 23, 22)
    assert public["figures"]["totals"]["registered"] == 22
    assert public == reporting.get("head", f"/api/summaries/{row['id']}/public")
    # 4 of the 6 late ones are left: too few to be counted
    assert bulletin["contents"]["late"] == [
        {"unit": "office-1", "duties": [{"duty": "handling", "count": None}]}
    ]


def test_what_is_late_is_named_by_unit_and_small_numbers_are_not(reporting: OneService) -> None:
    stories = fill(reporting, "2026-03", 24)
    with clock.travel(at("2026-03-10 09:00")):
        due = clock.today() + timedelta(days=3)
        for story, holder in ((stories[0], "leader-3"), (stories[1], "leader-4"), (stories[2], "office-2")):
            reporting.feed(story.clock("started", uuid4(), due, duty="plan", holder=holder))
        reporting.feed(stories[3].clock("started", uuid4(), clock.today() + timedelta(days=40), duty="reply"))
    with clock.travel(at("2026-04-03 08:00")):
        bulletin = issue(reporting)
    assert bulletin["contents"]["late"] == [
        {"unit": "leader", "duties": [{"duty": "plan", "count": None}]},
        {"unit": "office-1", "duties": [{"duty": "handling", "count": 6}]},
        {"unit": "office-2", "duties": [{"duty": "plan", "count": None}]},
    ]
    assert bulletin["contents"]["ahead"] == [{"duty": "reply", "count": None}]
    text = text_of(file_of(reporting, bulletin))
    assert "包案领导（合计）\n制定五定方案" in text
    assert "班子成员（三）" not in text, "what a single leader did stays inside"
    assert "4月底前到期的事项有：答复信访人" in text


def test_nobody_is_in_it_and_no_number_of_a_petition(reporting: OneService) -> None:
    stories = fill(reporting, "2026-03", 24)
    with clock.travel(at("2026-04-03 08:00")):
        bulletin = issue(reporting)
    text = text_of(file_of(reporting, bulletin)) + json.dumps(bulletin)
    assert not [story for story in stories if story.number in text or str(story.id) in text]


def test_a_month_without_anything_makes_a_bulletin_too(reporting: OneService) -> None:
    with clock.travel(at("2026-04-03 08:00")):
        bulletin = issue(reporting)
    text = text_of(file_of(reporting, bulletin))
    assert "本月登记信访举报0件" in text
    assert "本月没有可以按乡镇列示的数据" in text
    assert "没有超过办理期限的" in text


@pytest.mark.parametrize(
    ("now", "then", "measure", "change"),
    [
        (12, 10, "registered", 20.0),
        (0, 10, "registered", -100.0),
        (3, 0, "registered", None),
        (None, 10, "registered", None),
        (80.0, 75.5, "on_time_share", 4.5),
        (80.0, None, "on_time_share", None),
    ],
)
def test_a_change_is_said_where_it_can_be(
    now: float | None, then: float | None, measure: str, change: float | None
) -> None:
    assert rules.change(measure, now, then) == change


def test_months_around_the_new_year() -> None:
    assert rules.month_before("2026-01") == "2025-12"
    assert rules.year_before("2026-01") == "2025-01"


def test_every_compared_measure_has_its_name() -> None:
    assert set(writing.NAMES) == set(rules.COMPARED)
    assert rules.by_duty({"plan": SMALLEST - 1, "reply": SMALLEST, "handling": 0}) == [
        {"duty": "plan", "count": None},
        {"duty": "reply", "count": SMALLEST},
    ]
