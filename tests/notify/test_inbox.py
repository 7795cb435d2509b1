"""Who is told what (M24), and that the excluded are told nothing (M8)."""

import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from services.notify.inbox.models import Notice
from services.notify.inbox.rules import RULES
from services.notify.service import SERVICE
from shared import clock
from shared.contracts.assignment import RosterChangedV1
from shared.contracts.reporting import SummaryIssuedV1
from tests.alone import OneService, made
from tests.story import Story, at


@pytest.fixture
def notify(tmp_path: Path, database_url: str | None) -> Iterator[OneService]:
    with OneService(SERVICE, tmp_path, database_url=database_url) as service:
        yield service


def told(notify: OneService) -> dict[str, list[str]]:
    """Kind -> the units that have a notice of it."""
    found: dict[str, list[str]] = {}
    with notify.db.read() as session:
        for kind, unit in session.query(Notice.kind, Notice.unit):
            found.setdefault(kind, []).append(unit)
    return {kind: sorted(units) for kind, units in found.items()}


def inbox(notify: OneService, post: str, **arguments: object) -> dict[str, list[dict[str, object]]]:
    answer = notify.client(post).get("/api/inbox", query_string=arguments)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_each_step_of_a_case_tells_those_who_must_act_on_it(notify: OneService) -> None:
    story, clock_id, due = Story(), uuid4(), date(2026, 5, 20)
    notify.feed(
        story.registered(),
        story.accepted(),
        story.opened(),
        story.instructed("office-1", due),
        story.checked(passed=False),
        story.checked(passed=True),
        story.checked(passed=True, level=2),
        story.clock("warned", clock_id, due),
        story.clock("expired", clock_id, due),
        story.closed(),
        story.rated(),
        story.reopened(office="office-2"),
    )
    assert told(notify) == {
        "petition.registered": ["head", "petition-office"],
        "case.opened": ["leader-1", "office-1", "team-1", "township-420324100"],
        "instruction.signed": ["office-1"],
        "closing.sent_back": ["office-1", "team-1"],
        "closing.passed": ["leader-1"],
        "clock.warned": ["leader-1", "office-1"],
        "clock.expired": ["leader-1", "office-1", "supervision-office"],
        "case.closed": ["petition-office", "township-420324100"],
        "petition.rated": ["leader-1", "office-1"],
        "case.reopened": ["leader-1", "office-2", "supervision-office", "team-1", "township-420324100"],
    }


def test_what_concerns_others_than_a_case(notify: OneService) -> None:
    story, summary = Story(), uuid4()
    notify.feed(
        story.transferred("agency-health"),
        story.returned("agency-health"),
        made(SummaryIssuedV1, summary, summary_id=summary, month="2026-03", issued_at=clock.now()),
        made(
            RosterChangedV1,
            "420324100",
            township="420324100",
            leader="leader-2",
            office="office-1",
            team="team-1",
            valid_from=date(2026, 6, 1),
        ),
    )
    assert told(notify) == {
        "petition.transferred": ["agency-health"],
        "transfer.returned": ["petition-office"],
        "summary.issued": ["head", *sorted(f"leader-{i}" for i in range(1, 10))],
        "roster.changed": ["leader-2", "office-1", "team-1", "township-420324100"],
    }
    texts = [item["text"] for item in inbox(notify, "leader-2")["items"]]
    assert any("2026-03" in text for text in texts)
    assert any("420324100" in text and "2026-06-01" in text for text in texts)


def test_a_thousand_registrations_are_one_notice_that_counts_them(notify: OneService) -> None:
    stories = [Story(number) for number in range(1, 31)]
    with clock.travel(at("2026-03-02 09:00")) as move:
        notify.feed(*(story.registered() for story in stories[:20]))
        first = inbox(notify, "head")["items"]
        move(timedelta(days=1))
        notify.feed(*(story.registered() for story in stories[20:]))
    assert [item["kind"] for item in first] == ["petition.registered"]
    assert "2026-03-02" in first[0]["text"]
    assert " 20 " in first[0]["text"]
    both = inbox(notify, "head")["items"]
    assert [" 10 " in both[0]["text"], " 20 " in both[1]["text"]] == [True, True]


def test_a_read_count_of_the_day_is_unread_again_when_more_arrive(notify: OneService) -> None:
    with clock.travel(at("2026-03-02 09:00")):
        notify.feed(Story(1).registered())
        head = notify.client("head")
        notice = inbox(notify, "head")["items"][0]
        assert head.post(f"/api/inbox/{notice['id']}/read").json["read_at"]
        assert head.get("/api/inbox/unread-count").json == {"unread": 0}
        notify.feed(Story(2).registered())
        assert head.get("/api/inbox/unread-count").json == {"unread": 1}


def test_an_arrival_wakes_nobody_whom_it_complains_of(notify: OneService) -> None:
    with clock.travel(at("2026-03-02 09:00")) as move:
        notify.feed(Story(1).registered(excluded=["petition-office"]))
        assert inbox(notify, "clerk-1")["items"] == []
        move(timedelta(hours=1))
        notify.feed(Story(2).registered())
        (notice,) = inbox(notify, "clerk-1")["items"]
        assert notice["occurred_at"] == "2026-03-02T02:00:00+00:00"  # not when the hidden one came
        assert notify.client("clerk-1").post(f"/api/inbox/{notice['id']}/read").json["read_at"]
        notify.feed(Story(3).registered(excluded=["petition-office"]))
        assert notify.client("clerk-1").get("/api/inbox/unread-count").json == {"unread": 0}
        assert " 3 " in inbox(notify, "head")["items"][0]["text"]


def test_a_case_that_overtakes_its_screening_tells_nobody_excluded(notify: OneService) -> None:
    story, excluded = Story(), ["township-420324100", "supervision-office"]
    notify.feed(story.opened(excluded=excluded))
    assert inbox(notify, "township-420324100")["items"] == []
    again = Story(2)
    notify.feed(again.reopened(excluded=excluded))
    assert inbox(notify, "supervisor-1")["items"] == []
    assert len(inbox(notify, "leader-1")["items"]) == 2


def test_an_excluded_unit_is_never_told(notify: OneService) -> None:
    story = Story()
    notify.feed(
        story.registered(),
        story.accepted(excluded=["township-420324100", "team-1"]),
        story.opened(),
        story.instructed("team-1"),
        story.clock("expired", uuid4(), date(2026, 5, 20), holder="team-1"),
    )
    for post in ("township-420324100", "team-1"):
        assert inbox(notify, post)["items"] == []
        assert notify.client(post).get("/api/inbox/unread-count").json == {"unread": 0}
    assert inbox(notify, "leader-1")["items"]


def test_what_was_told_disappears_when_the_exclusion_comes_later(notify: OneService) -> None:
    story = Story()
    notify.feed(story.registered(), story.accepted(), story.opened())
    known = inbox(notify, "team-1")["items"][0]["id"]
    notify.feed(story.rerouted(team="team-2", excluded=["team-1"]))
    assert inbox(notify, "team-1")["items"] == []
    assert notify.client("team-1").post(f"/api/inbox/{known}/read").status_code == 404
    assert [item["kind"] for item in inbox(notify, "team-2")["items"]] == ["case.rerouted"]


def test_the_count_of_a_day_leaves_out_what_its_reader_is_excluded_from(notify: OneService) -> None:
    one, two = Story(1), Story(2)
    notify.feed(one.registered(), two.registered(), one.accepted(excluded=["head"]))
    assert " 1 " in inbox(notify, "head")["items"][0]["text"]
    assert " 2 " in inbox(notify, "clerk-1")["items"][0]["text"]
    notify.feed(two.accepted(excluded=["head"]))
    assert inbox(notify, "head")["items"] == []
    assert notify.client("head").get("/api/inbox/unread-count").json == {"unread": 0}


def test_those_who_had_a_case_hear_that_it_went_but_not_after_a_recusal(notify: OneService) -> None:
    moved, recused = Story(1), Story(2)
    for story in (moved, recused):
        notify.feed(story.accepted(), story.opened())
    notify.feed(
        moved.rerouted(leader="leader-2", reason="roster_change"),
        recused.rerouted(leader="leader-2", reason="recusal"),
    )
    references = [i["reference"] for i in inbox(notify, "leader-1")["items"] if i["kind"] == "case.rerouted"]
    assert references == [moved.number]


def test_a_withdrawn_petition_leaves_nothing_in_any_order(notify: OneService) -> None:
    before, after = Story(1), Story(2)
    notify.feed(before.registered(), before.accepted(), before.opened(), before.withdrawn())
    notify.feed(after.withdrawn(), after.registered(), after.accepted(), after.opened())
    assert inbox(notify, "leader-1")["items"] == []
    assert inbox(notify, "head")["items"] == []


def test_events_twice_and_shuffled_tell_the_same_units(notify: OneService, tmp_path: Path) -> None:
    story = Story()
    events = []
    with clock.travel(at("2026-03-02 09:00")) as move:
        for make in (story.registered, story.accepted, story.opened, story.closed, story.reopened):
            events.append(make())
            move(timedelta(hours=1))
        events.append(story.rerouted(leader="leader-3", excluded=["leader-1"]))
        notify.feed(*events)
        notify.feed_again(events)
        once = told(notify)
        shuffled = events * 2
        random.Random(7).shuffle(shuffled)
        with OneService(SERVICE, tmp_path / "other") as other:
            other.feed(*shuffled)
            other.feed_again(reversed(events))
            assert inbox(other, "leader-1")["items"] == inbox(notify, "leader-1")["items"] == []
            assert told(other).keys() == once.keys()
            assert "leader-3" in told(other)["case.rerouted"]


def test_an_older_route_never_overwrites_a_newer_one(notify: OneService) -> None:
    story = Story()
    with clock.travel(at("2026-03-02 09:00")) as move:
        opened = story.opened()
        move(timedelta(days=1))
        rerouted = story.rerouted(leader="leader-2", reason="roster_change")
        notify.feed(rerouted, opened)
        notify.feed(story.checked(passed=True))
    assert told(notify)["closing.passed"] == ["leader-2"]


def test_unread_come_first_and_pages_leave_none_out(notify: OneService) -> None:
    with clock.travel(at("2026-03-02 09:00")) as move:
        for number in range(1, 8):
            notify.feed(Story(number).opened())
            move(timedelta(minutes=1))
        client = notify.client("leader-1")
        third = inbox(notify, "leader-1")["items"][2]
        client.post(f"/api/inbox/{third['id']}/read")
        seen, after = [], None
        while True:
            page = inbox(notify, "leader-1", limit=3, **({"after": after} if after else {}))
            seen += page["items"]
            after = page["next"]
            if after is None:
                break
    numbers = [item["reference"][-1] for item in seen]
    assert numbers == ["7", "6", "4", "3", "2", "1", "5"]


def test_read_all_leaves_what_came_after_the_look(notify: OneService) -> None:
    with clock.travel(at("2026-03-02 09:00")) as move:
        notify.feed(Story(1).opened())
        looked = clock.now().isoformat()
        move(timedelta(minutes=1))
        notify.feed(Story(2).opened())
        client = notify.client("leader-1")
        assert client.post("/api/inbox/read-all", json={"until": looked}).json == {"unread": 1}
        assert client.post("/api/inbox/read-all", json={}).json == {"unread": 0}
        assert notify.client("office-1-a").get("/api/inbox/unread-count").json == {"unread": 2}


@pytest.mark.parametrize(
    "until", ["yesterday", "2026-03-02T09:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", 7]
)
def test_a_moment_that_is_none_is_named(notify: OneService, until: object) -> None:
    answer = notify.client("leader-1").post("/api/inbox/read-all", json={"until": until})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["until"])


def test_nobody_reads_the_inbox_of_another_unit(notify: OneService) -> None:
    notify.feed(Story().opened())
    foreign = inbox(notify, "leader-1")["items"][0]["id"]
    assert notify.client("leader-2").post(f"/api/inbox/{foreign}/read").status_code == 404
    assert inbox(notify, "leader-2")["items"] == []


def test_every_rule_makes_a_text_without_places_left_open() -> None:
    for kind, rule in RULES.items():
        text = rule.text % {"reference": "ZX2026-000001", "day": "2026-03-02", "count": 3}
        assert "%" not in text, kind


def test_a_notice_holds_nothing_but_codes_numbers_and_dates(notify: OneService) -> None:
    notify.feed(Story().opened())
    assert set(json.loads(json.dumps(inbox(notify, "leader-1")["items"][0]))) == {
        "id",
        "kind",
        "text",
        "petition_id",
        "reference",
        "due_on",
        "occurred_at",
        "read_at",
    }


def test_the_page_works_with_forms_alone(notify: OneService) -> None:
    notify.feed(Story(1).opened(), Story(2).opened())
    client = notify.client("leader-1")
    page = client.get("/")
    assert page.status_code == 200
    assert "ZX2026-000002" in page.text
    notice = inbox(notify, "leader-1")["items"][0]["id"]
    assert client.post(f"/inbox/{notice}/read").status_code == 303
    assert client.post("/inbox/read-all", data={"until": "yesterday"}).status_code == 422
    assert client.post("/inbox/read-all", data={"until": clock.now().isoformat()}).status_code == 303
    assert client.get("/api/inbox/unread-count").json == {"unread": 0}
    empty = notify.client("leader-2").get("/inbox")
    assert empty.status_code == 200
    assert "<table" not in empty.text
