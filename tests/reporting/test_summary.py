"""The monthly summary: counted once, numbered, frozen, and without small numbers outside (M26)."""

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.summary import rules
from services.reporting.summary.models import SummaryEntry
from shared import clock
from shared.contracts import envelope
from shared.db.outbox import Outbox
from tests.alone import OneService
from tests.story import Story, at

COUNTS = rules.MEASURES


def fill(reporting: OneService) -> list[Story]:
    """March 2026: 7 registered and closed in one township, 2 in another, 1 of these late; 1 in February."""
    stories = [Story(n, township="420324100" if n <= 7 else "420324101") for n in range(1, 10)]
    with clock.travel(at("2026-02-10 09:00")) as move:
        early = Story(10)
        reporting.feed(early.registered())
        move(timedelta(days=20))
        for story in stories:
            reporting.feed(story.registered(), story.accepted(), story.opened())
        reporting.feed(stories[8].clock("expired", uuid4(), clock.today()))
        move(timedelta(days=10))
        reporting.feed(*(story.closed() for story in stories))
        reporting.feed(*(story.rated() for story in stories[:3]))
    return [*stories, early]


def issue(reporting: OneService, month: str = "2026-03", post: str = "clerk-1") -> Any:
    return reporting.client(post).post("/api/summaries", json={"month": month})


def test_the_figures_are_those_of_the_month(reporting: OneService) -> None:
    fill(reporting)
    with clock.travel(at("2026-04-01 08:00")):
        answer = issue(reporting)
    assert answer.status_code == 201, answer.text
    assert answer.json["number"] == "TB2026-000001"
    totals = answer.json["figures"]["totals"]
    assert {name: totals[name] for name in COUNTS} == {
        "registered": 9,
        "accepted": 9,
        "declined": 0,
        "transferred": 0,
        "resolved": 9,
        "on_time": 8,
        "upheld": 9,
        "rated": 3,
        "satisfied": 3,
        "open": 1,
        "late": 1,
        "repeated": 0,
    }
    assert totals["on_time_share"] == 88.9
    towns = {g["code"]: g["registered"] for g in answer.json["figures"]["by_township"]}
    assert towns == {"420324100": 7, "420324101": 2}


def test_it_is_frozen_numbered_and_told(reporting: OneService) -> None:
    stories = fill(reporting)
    with clock.travel(at("2026-04-01 08:00")):
        issued = issue(reporting).json
        reporting.feed(stories[0].reopened(), stories[1].withdrawn(), Story(11).registered())
        again = reporting.client("head").get(f"/api/summaries/{issued['id']}").json
        assert again == issued
        assert issue(reporting, "2026-02", "supervisor-1").json["number"] == "TB2026-000002"
        listed = reporting.client("leader-1").get("/api/summaries").json
    assert [row["month"] for row in listed] == ["2026-03", "2026-02"]
    text = json.dumps(issued["figures"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert issued["sha256"] == sha256(text.encode()).hexdigest()
    with reporting.db.read() as session:
        first = envelope.parse(session.query(Outbox.body).order_by(Outbox.seq).first()[0])
    assert first.data["summary_id"] == issued["id"]
    assert first.data["month"] == "2026-03"


def test_a_month_is_issued_once_and_only_when_it_is_over(reporting: OneService) -> None:
    with clock.travel(at("2026-03-31 23:59")) as move:
        early = issue(reporting)
        assert (early.status_code, list(early.json["errors"])) == (422, ["month"])
        move(timedelta(minutes=1))
        assert issue(reporting).status_code == 201
        second = issue(reporting)
        assert (second.status_code, second.json["type"]) == (409, "urn:huajie:problem:out-of-order")
        assert "TB2026-000001" in second.json["detail"]
        assert issue(reporting, "2026-3").status_code == 422
        assert issue(reporting, "2026-02", "leader-1").status_code == 403
        assert reporting.client("head").get(f"/api/summaries/{uuid4()}").status_code == 404


def test_a_reader_excluded_from_a_petition_reads_figures_without_it(reporting: OneService) -> None:
    stories = fill(reporting)
    reporting.feed(stories[0].rerouted(excluded=["leader-2"]))
    with clock.travel(at("2026-04-01 08:00")):
        issued = issue(reporting).json
        reporting.feed(stories[8].rerouted(excluded=["leader-3"]))
        whole = reporting.client("leader-1").get(f"/api/summaries/{issued['id']}").json
        before = reporting.client("leader-2").get(f"/api/summaries/{issued['id']}").json
        since = reporting.client("leader-3").get(f"/api/summaries/{issued['id']}").json
    assert whole == issued
    assert [s["figures"]["totals"]["registered"] for s in (whole, before, since)] == [9, 8, 8]
    assert before["figures"]["totals"]["rated"] == 2
    assert since["figures"]["totals"]["on_time_share"] == 100.0
    text = json.dumps(since["figures"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert since["sha256"] == sha256(text.encode()).hexdigest()


def test_small_numbers_do_not_leave_the_commission(reporting: OneService) -> None:
    fill(reporting)
    with clock.travel(at("2026-04-01 08:00")):
        issued = issue(reporting).json
        public = reporting.client("clerk-1").get(f"/api/summaries/{issued['id']}/public").json["figures"]
    assert public["totals"]["registered"] == 9
    assert public["totals"]["rated"] is None
    assert public["totals"]["on_time"] is None  # 9 closed, 8 in time: it would tell of the one
    assert "by_leader" not in public
    assert "on_time_share" not in public["totals"]
    # 2 is small, and 7 with the sum of 9 would give it away.
    assert [g["registered"] for g in public["by_township"]] == [None, None]


def fact(township: str, marks: set[str]) -> SummaryEntry:
    return SummaryEntry(township=township, leader=None, content_class="09", marks=sorted(marks))


@given(
    st.lists(
        st.builds(fact, st.sampled_from("abcd"), st.sets(st.sampled_from(COUNTS))),
        max_size=60,
    )
)
def test_no_small_count_can_be_worked_out_from_the_public_ones(facts: list[SummaryEntry]) -> None:
    whole = rules.figures(facts)
    public = rules.for_outside(whole)
    for measure in COUNTS:
        total = public["totals"][measure]
        assert total is None or total == 0 or total >= rules.SMALLEST
        for table in rules.PUBLIC_TABLES:
            shown = [row[measure] for row in public[table]]
            true = [row[measure] for row in whole[table]]
            assert all(s in (None, t) for s, t in zip(shown, true, strict=True))
            assert not any(s is not None and 0 < s < rules.SMALLEST for s in shown)
            hidden = [t for s, t in zip(shown, true, strict=True) if s is None]
            if total is None:
                assert not any(shown)
            elif hidden:
                assert len(hidden) >= 2
                assert total - sum(s for s in shown if s) >= rules.SMALLEST
