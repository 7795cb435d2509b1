"""The excluded are told nothing (M8)."""

from datetime import date, timedelta
from uuid import uuid4

from shared import clock
from tests.alone import OneService
from tests.notify.look import inbox
from tests.story import Story, at


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


def test_what_hides_an_arrival_from_one_unit_hides_it_from_no_other(notify: OneService) -> None:
    with clock.travel(at("2026-03-02 09:00")) as move:
        notify.feed(Story(1).registered(excluded=["team-1"]))
        move(timedelta(days=1))
        other = Story(2)
        notify.feed(other.registered(), other.accepted(), other.opened())
    assert inbox(notify, "team-1")["items"]
    days = [item["text"] for item in inbox(notify, "head")["items"] if item["kind"] == "petition.registered"]
    assert len(days) == 2 and all(" 1 " in text for text in days)
