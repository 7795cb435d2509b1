"""Reading an inbox: unread first, page by page, marked read, nobody else's."""

import json
from datetime import timedelta

import pytest

from shared import clock
from tests.alone import OneService
from tests.notify.look import inbox
from tests.story import Story, at


def test_a_read_count_of_the_day_is_unread_again_when_more_arrive(notify: OneService) -> None:
    with clock.travel(at("2026-03-02 09:00")):
        notify.feed(Story(1).registered())
        head = notify.client("head")
        notice = inbox(notify, "head")["items"][0]
        assert head.post(f"/api/inbox/{notice['id']}/read").json["read_at"]
        assert head.get("/api/inbox/unread-count").json == {"unread": 0}
        notify.feed(Story(2).registered())
        assert head.get("/api/inbox/unread-count").json == {"unread": 1}


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
