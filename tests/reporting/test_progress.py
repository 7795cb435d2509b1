"""How far reporting has got, exactly, and what notify gave up."""

from datetime import timedelta
from uuid import uuid4

import pytest

from shared import clock
from shared.contracts.envelope import Envelope
from shared.contracts.notify import NoticeFailedV1
from tests.alone import OneService, made
from tests.story import Story, at

WARNING = "alert-warning"  # that messages could not be delivered


def test_each_event_is_counted_once_with_the_last_word_of_its_producer(reporting: OneService) -> None:
    story = Story()
    with clock.travel(at("2026-04-13 09:00")) as move:
        first = story.registered()
        move(timedelta(hours=1))
        last = story.accepted()
        events = [last, first, Story(2).registered(), story.opened()]
    reporting.feed(*events, *events)
    reporting.feed_again(events)
    shown = reporting.client("operator-1").get("/api/progress").json
    assert {(a["source"], a["type"]): a["count"] for a in shown["applied"]} == {
        ("/local/intake", "local.intake.petition.registered.v1"): 2,
        ("/local/intake", "local.intake.petition.accepted.v1"): 1,
        ("/local/assignment", "local.assignment.case.opened.v1"): 1,
    }
    words = {word["source"]: word["at"] for word in shown["last_words"]}
    assert words["/local/intake"] == "2026-04-13T02:00:00+00:00"
    assert reporting.client("operator-1").get("/").status_code == 200


def test_a_message_that_failed_twice_is_one(reporting: OneService) -> None:
    notice = uuid4()

    def failed(attempts: int) -> Envelope:
        return made(
            NoticeFailedV1,
            notice,
            notice_id=notice,
            recipient="leader-3",
            channel="email",
            attempts=attempts,
            failed_at=clock.now(),
        )

    with clock.travel(at("2026-04-13 09:00")) as move:
        one = failed(8)
        move(timedelta(days=20))
        reporting.feed(failed(8), one)
        assert reporting.client("operator-1").get("/api/progress").json["failed_messages"] == 1
        assert WARNING in reporting.client("supervisor-1").get("/desk/part").text
        assert WARNING not in reporting.client("head").get("/desk/part").text
        move(timedelta(days=29))
        assert reporting.client("operator-1").get("/api/progress").json["failed_messages"] == 1
        move(timedelta(days=2))
        assert reporting.client("operator-1").get("/api/progress").json["failed_messages"] == 0
        assert WARNING not in reporting.client("supervisor-1").get("/desk/part").text


@pytest.mark.parametrize("post", ["head", "clerk-1", "township-420324100", "liaison-police", "supervisor-1"])
def test_progress_counts_all_petitions_and_is_for_operators(reporting: OneService, post: str) -> None:
    assert reporting.client(post).get("/api/progress").status_code == 403
