"""Several workers on one PostgreSQL: nobody is told twice, nobody gets two e-mails."""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from services.notify.delivery.tasks import send_mail
from services.notify.inbox.models import Arrival, Notice
from services.notify.service import SERVICE
from shared import clock
from tests.alone import OneService
from tests.notify.mail import Mailbox, mail_server
from tests.story import Story, at


@pytest.mark.postgres
def test_workers_at_once_tell_and_mail_each_unit_once(
    tmp_path: Path, fresh_database: Callable[[], str]
) -> None:
    mailbox, stories = Mailbox(), [Story(number) for number in range(1, 41)]
    with (
        clock.travel(at("2026-03-02 09:00")),
        mail_server(mailbox) as url,
        OneService(SERVICE, tmp_path, database_url=fresh_database(), smtp_url=url) as notify,
    ):
        events = [e for s in stories for e in (s.registered(), s.accepted(excluded=["team-1"]), s.opened())]
        random.Random(5).shuffle(events)
        notify.work_at_once(events, workers=4)

        def send() -> None:
            while send_mail(notify.instance):
                pass

        threads = [Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with notify.db.read() as session:
            told = Counter((n.kind, n.unit) for n in session.query(Notice))
            arrived = session.query(Arrival).count()
        seen_by_team = notify.client("team-1").get("/api/inbox").json["items"]
    assert (arrived, seen_by_team) == (40, [])
    assert told["petition.registered", "head"] == told["petition.registered", "petition-office"] == 1
    for unit in ("leader-1", "office-1", "township-420324100"):
        assert told["case.opened", unit] == 40
    mails = Counter(message["To"].split("@")[0] for message in mailbox.messages)
    units = ["head", "petition-office", "leader-1", "office-1", "township-420324100"]
    assert {unit: mails[unit] for unit in units} == dict.fromkeys(units, 1)
    assert mails["team-1"] == 0
