"""Who is told what (M24)."""

import random
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

from services.notify.inbox.rules import RULES
from services.notify.service import SERVICE
from shared import clock
from shared.contracts.assignment import RosterChangedV1
from shared.contracts.reporting import BulletinIssuedV1, SummaryIssuedV1
from shared.contracts.supervision import LetterIssuedV1
from tests.alone import OneService, made
from tests.notify.look import inbox, told
from tests.story import Story, at


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
            BulletinIssuedV1,
            summary,
            bulletin_id=summary,
            document_number="竹纪通报〔2026〕3号",
            month="2026-03",
            issued_at=clock.now(),
        ),
        made(
            LetterIssuedV1,
            summary,
            letter_id=summary,
            document_number="竹纪督函〔2026〕1号",
            addressee="office-2",
            reply_by=date(2026, 6, 1),
            issued_at=clock.now(),
        ),
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
        "bulletin.issued": ["head", *sorted(f"leader-{i}" for i in range(1, 10))],
        "letter.issued": ["office-2"],
        "roster.changed": ["leader-2", "office-1", "team-1", "township-420324100"],
    }


def test_a_thousand_registrations_are_one_notice_that_counts_them(notify: OneService) -> None:
    stories = [Story(number) for number in range(1, 31)]
    with clock.travel(at("2026-03-02 09:00")) as move:
        notify.feed(*(story.registered() for story in stories[:20]))
        first = inbox(notify, "head")["items"]
        move(timedelta(days=1))
        notify.feed(*(story.registered() for story in stories[20:]))
    assert [item["kind"] for item in first] == ["petition.registered"]
    assert "Mar 2, 2026" in first[0]["text"]
    assert " 20 " in first[0]["text"]
    both = inbox(notify, "head")["items"]
    assert [" 10 " in both[0]["text"], " 20 " in both[1]["text"]] == [True, True]


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


def test_every_rule_makes_a_text_without_places_left_open() -> None:
    for kind, rule in RULES.items():
        text = rule.text % {"reference": "ZX2026-000001", "day": "2026-03-02", "count": 3}
        assert "%" not in text, kind
