"""E-mail against a real SMTP server, and against ones that refuse, hang and die (M24)."""

import dataclasses
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from services.notify.concerned.models import Unit
from services.notify.delivery import commands
from services.notify.delivery.models import Digest
from services.notify.delivery.rules import BACKOFF, State, is_quiet
from services.notify.delivery.tasks import send_mail
from services.notify.service import SERVICE
from shared import clock
from shared.contracts import envelope
from shared.db.outbox import Outbox
from tests.alone import OneService
from tests.notify.mail import Mailbox, closed_port, mail_server
from tests.story import Story, at

MORNING = at("2026-03-02 09:00")


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def notify(tmp_path: Path, mailbox: Mailbox, database_url: str | None) -> Iterator[OneService]:
    with (
        mail_server(mailbox) as url,
        OneService(
            SERVICE, tmp_path, database_url=database_url, smtp_url=url, mail_from="huajie@zhuxi.example"
        ) as service,
    ):
        yield service


def send_all(notify: OneService) -> None:
    while send_mail(notify.instance):
        pass


def digests(notify: OneService) -> list[Digest]:
    with notify.db.read() as session:
        return session.query(Digest).order_by(Digest.made_at, Digest.unit).all()


def towards(notify: OneService, url: str | None) -> None:
    notify.instance.settings = dataclasses.replace(notify.instance.settings, smtp_url=url)


def test_a_mail_says_only_that_there_is_news(notify: OneService, mailbox: Mailbox) -> None:
    with clock.travel(MORNING):
        notify.feed(Story().instructed("leader-3", date(2026, 5, 20)))
        send_all(notify)
    [message] = mailbox.messages
    assert message["To"] == "leader-3@zhuxi.example"
    assert message["From"] == "huajie@zhuxi.example"
    text = message.get_payload(decode=True).decode()
    assert "http://127.0.0.1:8000/notify/inbox" in text
    whole = message.as_string() + text
    assert "ZX2026" not in whole
    assert "2026-05-20" not in whole
    assert [d.state for d in digests(notify)] == [State.SENT]


def test_many_notices_are_one_mail_per_unit(notify: OneService, mailbox: Mailbox) -> None:
    with clock.travel(MORNING):
        notify.feed(*(Story(n).opened() for n in range(1, 6)))
        send_all(notify)
    assert sorted(m["To"].split("@")[0] for m in mailbox.messages) == [
        "leader-1",
        "office-1",
        "team-1",
        "township-420324100",
    ]


def test_a_unit_gets_at_most_one_mail_in_a_quarter_of_an_hour(notify: OneService, mailbox: Mailbox) -> None:
    with clock.travel(MORNING) as move:
        notify.feed(Story(1).instructed("leader-3"))
        send_all(notify)
        move(timedelta(minutes=14))
        notify.feed(Story(2).instructed("leader-3"))
        send_all(notify)
        assert len(mailbox.messages) == 1
        move(timedelta(minutes=1))
        send_all(notify)
        assert len(mailbox.messages) == 2
        move(timedelta(hours=1))
        send_all(notify)
    assert len(mailbox.messages) == 2  # what was announced is not announced again


def test_nobody_is_written_to_at_night(notify: OneService, mailbox: Mailbox) -> None:
    with clock.travel(at("2026-03-02 21:00")) as move:
        notify.feed(Story().instructed("leader-3"))
        send_all(notify)
        move(timedelta(hours=9, minutes=59))
        send_all(notify)
        assert (mailbox.messages, digests(notify)) == ([], [])
        move(timedelta(minutes=1))
        send_all(notify)
    assert len(mailbox.messages) == 1


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [("06:59", True), ("07:00", False), ("20:59", False), ("21:00", True), ("00:00", True)],
)
def test_the_night_is_in_county_time(moment: str, quiet: bool) -> None:
    assert is_quiet(at(f"2026-03-02 {moment}")) is quiet


def test_what_was_read_before_is_not_mailed(notify: OneService, mailbox: Mailbox) -> None:
    with clock.travel(MORNING):
        notify.feed(Story().instructed("leader-3"))
        notify.client("leader-3").post("/api/inbox/read-all", json={})
        send_all(notify)
    assert (mailbox.messages, digests(notify)) == ([], [])


def test_what_was_read_while_the_server_was_away_is_dropped(notify: OneService, mailbox: Mailbox) -> None:
    real = notify.instance.settings.smtp_url
    with clock.travel(MORNING) as move:
        notify.feed(Story().instructed("leader-3"))
        towards(notify, closed_port())
        send_all(notify)
        notify.client("leader-3").post("/api/inbox/read-all", json={})
        towards(notify, real)
        move(timedelta(hours=1))
        send_all(notify)
    assert mailbox.messages == []
    assert [d.state for d in digests(notify)] == [State.DROPPED]


def test_an_excluded_unit_is_not_written_to(notify: OneService, mailbox: Mailbox) -> None:
    story = Story()
    with clock.travel(MORNING):
        notify.feed(story.instructed("leader-3"), story.accepted(excluded=["leader-3"]))
        send_all(notify)
    assert "leader-3@zhuxi.example" not in [m["To"] for m in mailbox.messages]


def test_without_a_server_the_inboxes_fill_and_nothing_is_made(notify: OneService, mailbox: Mailbox) -> None:
    towards(notify, None)
    with clock.travel(MORNING):
        notify.feed(Story().instructed("leader-3"))
        assert send_mail(notify.instance) is False
    assert digests(notify) == []


def test_tries_go_on_for_a_day_and_then_the_failure_is_told(notify: OneService, mailbox: Mailbox) -> None:
    towards(notify, closed_port())
    with clock.travel(MORNING) as move:
        notify.feed(Story().instructed("leader-3"))
        send_all(notify)
        waits = []
        while (digest := digests(notify)[0]).state == State.WAITING:
            waits.append(digest.next_attempt_at - clock.now())
            if not is_quiet(clock.now() + waits[-1]):
                move(waits[-1])
            else:
                move(waits[-1] + timedelta(hours=10))
            send_all(notify)
    assert tuple(waits) == BACKOFF
    assert (digest.state, digest.attempts, digest.last_error) == (State.FAILED, 8, "ConnectionRefusedError")
    with notify.db.read() as session:
        [event] = [envelope.parse(body) for (body,) in session.query(Outbox.body)]
    assert event.data["recipient"] == "leader-3"
    assert event.data["attempts"] == 8
    assert sum(BACKOFF, timedelta()) > timedelta(days=1)


def test_a_failed_mail_is_listed_and_can_be_sent_again(notify: OneService, mailbox: Mailbox) -> None:
    real = notify.instance.settings.smtp_url
    mailbox.refuse_recipient = "550 5.1.1 no such person: Zhang San"
    with clock.travel(MORNING) as move:
        notify.feed(Story().instructed("leader-3"))
        while not digests(notify) or digests(notify)[0].state == State.WAITING:
            send_all(notify)
            move(timedelta(hours=12))
            if is_quiet(clock.now()):
                move(timedelta(hours=11))
        operator = notify.client("operator-1")
        [failed] = operator.get("/api/failed-deliveries").json["items"]
        assert failed["last_error"] == "recipient refused: 550"
        mailbox.refuse_recipient = None
        towards(notify, real)
        assert operator.post(f"/api/failed-deliveries/{failed['id']}/resend").json["state"] == "waiting"
        again = operator.post(f"/api/failed-deliveries/{failed['id']}/resend")
        assert (again.status_code, again.json["type"]) == (409, "urn:huajie:problem:out-of-order")
        send_all(notify)
        assert operator.get("/api/failed-deliveries").json["items"] == []
    assert len(mailbox.messages) == 1
    assert notify.client("leader-3").get("/api/failed-deliveries").status_code == 403


def test_a_message_refused_for_now_is_tried_again(notify: OneService, mailbox: Mailbox) -> None:
    mailbox.refuse_message = "451 greylisted"
    with clock.travel(MORNING) as move:
        notify.feed(Story().instructed("leader-3"))
        send_all(notify)
        assert digests(notify)[0].last_error == "SMTPDataError: 451"
        mailbox.refuse_message = None
        move(timedelta(seconds=59))
        send_all(notify)
        assert mailbox.messages == []
        move(timedelta(seconds=1))
        send_all(notify)
    assert len(mailbox.messages) == 1


def test_one_that_fails_keeps_no_other_waiting(notify: OneService, mailbox: Mailbox) -> None:
    with clock.travel(MORNING):
        with notify.db.write() as session:
            session.execute(update(Unit).values(email="all@zhuxi.example"))
        mailbox.refuse_recipient = "450 busy"
        notify.feed(Story(1).opened())
        send_all(notify)
        assert [d.attempts for d in digests(notify)] == [1, 1, 1, 1]


def test_a_process_that_died_in_a_try_costs_a_wait_and_no_second_mail(
    notify: OneService, mailbox: Mailbox
) -> None:
    with clock.travel(MORNING) as move:
        notify.feed(Story().instructed("leader-3"))
        with notify.db.write() as session:  # killed after this commit
            commands.make_digests(session)
            assert commands.take(session) is not None
        send_all(notify)
        assert mailbox.messages == []
        move(timedelta(minutes=5))
        send_all(notify)
        assert digests(notify)[0].attempts == 2
    assert len(mailbox.messages) == 1


def test_a_late_failure_does_not_undo_what_another_process_did(notify: OneService) -> None:
    with clock.travel(MORNING) as move:
        notify.feed(Story().instructed("leader-3"))
        with notify.db.write() as session:
            commands.make_digests(session)
            slow = commands.take(session)
        move(timedelta(minutes=5))
        send_all(notify)
        assert slow is not None
        with notify.db.write() as session:
            commands.note_failed(session, slow, "TimeoutError")
    [digest] = digests(notify)
    assert (digest.state, digest.last_error) == (State.SENT, None)
