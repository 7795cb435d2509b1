"""Marked values go in at every door; none may come out in an event, log, queue, mail, file name or metric.

The whole way of a petition, one through the portal and a few by import, on PostgreSQL and RabbitMQ with a
spy on the exchange.
"""

import io
import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from kombu import Exchange, Queue
from openpyxl import Workbook
from sqlalchemy import select

from services import all_services
from shared import clock
from shared.bus import topology
from shared.bus.consumer import connect
from shared.db.inbox import Inbox
from shared.db.outbox import Outbox
from shared.runtime.log import configure_logging
from shared.runtime.settings import Settings
from tests.bus.station import until
from tests.factories import petition_body, whole_way
from tests.ground import Ground, settings_for
from tests.notify.mail import Mailbox, mail_server
from tests.servers import PostgreSQL

pytestmark = [pytest.mark.rabbitmq, pytest.mark.postgres]

NAME, PHONE, ID_NUMBER = "欧阳印记", "13912345670", "420324198001010016"
ADDRESS, PLACE, UNIT = "印记街七百七十七号", "印记沟口", "印记镇财政所"
TITLE, TEXT, SAID = "印记标题不得外传", "印记正文说的是某处某事", "印记批示与记录的文字"
CODE_REASON, FILE = "印记打听缘由", "印记名单.xlsx"
MARKS = (NAME, PHONE, ID_NUMBER, ADDRESS, PLACE, UNIT, TITLE, TEXT, SAID, CODE_REASON, FILE, "印记")
PERSON = {"name": NAME, "phone": PHONE, "id_number": ID_NUMBER, "address": ADDRESS}
MARKED = {"title": TITLE, "text": TEXT, "place": PLACE, "complained_of": UNIT, "person": PERSON}
MORNING = datetime(2026, 11, 24, 2, tzinfo=UTC)  # a working day, no quiet hour for mail


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    box = Mailbox()
    with mail_server(box) as url:
        yield box, url


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Path]:
    """What this process logs at DEBUG, in the way in which Huajie's processes log."""
    root, names = logging.getLogger(), ("shared", "services", "pika", "kombu", "amqp")
    before, levels = root.handlers[:], {name: logging.getLogger(name).level for name in ("", *names)}
    configure_logging("DEBUG")
    path = tmp_path / "log.jsonl"
    with path.open("w", encoding="utf-8") as stream:
        handler = root.handlers[0]
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(stream)
        yield path
    root.handlers[:] = before
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def ground(
    postgres: PostgreSQL, vhost: str, tmp_path: Path, mailbox: tuple[Mailbox, str], logged: Path
) -> Iterator[Ground]:
    run = uuid4().hex[:8]
    for service in all_services():
        postgres.create_database(f"{service.name}_{run}")
    settings: Settings = settings_for(
        tmp_path / "var", database_url=postgres.url(f"{{service}}_{run}"), bus_url=vhost
    )
    with Ground(replace(settings, smtp_url=mailbox[1])) as made:
        made.prepare()
        yield made


class Spy:
    """A queue that hears all of the exchange."""

    def __init__(self, url: str) -> None:
        self._url = url
        exchange = Exchange(topology.EXCHANGE, type="topic", durable=True)
        self._queue = Queue(f"spy-{uuid4().hex}", exchange, routing_key="#", durable=True)
        with connect(url) as connection:
            self._queue(connection.default_channel).declare()

    def heard(self, name: str | None = None) -> list[str]:
        """Everything in a queue (its own, unless named): bodies, headers, properties."""
        with connect(self._url) as connection:
            queue = Queue(name, no_declare=True) if name else self._queue
            bound, found = queue(connection.default_channel), []
            while message := bound.get(no_ack=True):
                found.append(f"{bytes(message.body).decode()} {message.properties} {message.headers} "
                             f"{message.delivery_info}")  # fmt: skip
            return found


def test_no_marked_value_comes_out(ground: Ground, mailbox: tuple[Mailbox, str], logged: Path) -> None:
    spy = Spy(ground.settings.bus_url)
    with clock.travel(MORNING) as move:
        ground.start()

        def a_minute_later() -> None:
            ground.settle()
            move(timedelta(minutes=1))

        petition = whole_way(ground, said=SAID, settle=a_minute_later, **MARKED)
        _other_doors(ground, petition["id"])
        ground.settle()
        move(timedelta(minutes=20))  # past the pause between two mails
        until(lambda: mailbox[0].messages, "a mail")
        move(timedelta(days=400))  # every clock runs out
        for task in ground.instance("supervision").service.tasks:
            while task.run(ground.instance("supervision")):
                pass
        assert ground.outbox("supervision", "supervision.clock.expired.v1")
        ground.settle()
        public = _public_answers(ground)
    ground.stop()
    try:
        raise ValueError(SAID)
    except ValueError:  # as a library might word what went wrong; the log keeps its kind and place only
        logging.getLogger("services.intake").exception("something failed", extra={"text": TEXT})
    seen = {
        "the bus": spy.heard(),
        "dead queues": [m for s in ground.services for m in spy.heard(topology.dead_name("local", s.name))],
        "outboxes": _bodies(ground, Outbox),
        "inboxes": _bodies(ground, Inbox),
        "logs": logged.read_text("utf-8").splitlines(),
        "answers without sign-in": public,
        "mails": [message.as_string() for message in mailbox[0].messages],
        "file names": [str(path) for path in logged.parent.rglob("*")] + os.listdir("/tmp"),
    }
    assert len(seen["the bus"]) == len(seen["outboxes"]) > 20
    assert any("ValueError" in line for line in seen["logs"])
    escaped = {mark.encode("unicode_escape").decode() for mark in MARKS}  # as careless JSON writes it
    found = {
        f"{where}: {mark}"
        for where, texts in seen.items()
        for mark in {*MARKS, *escaped}
        for text in texts
        if mark in text
    }
    assert found == set()


def _other_doors(ground: Ground, petition_id: str) -> None:
    """The portal, an import with good and bad rows, looks at an identity, and requests that fail."""
    clerk, portal = ground.client("intake", "clerk-1"), ground.client("intake", None)
    body = {
        name: value
        for name, value in petition_body(**MARKED).items()
        if name not in ("channel", "organ", "received_on")
    }
    assert portal.post("/api/portal/petitions", json=body).status_code == 201
    form = {"file": (io.BytesIO(_sheet()), FILE)}
    job = clerk.post("/api/imports", data=form, content_type="multipart/form-data").json
    path = f"/api/imports/{job['id']}"
    choices = {"version": job["version"], "mapping": job["mapping"]}
    assert clerk.put(f"{path}/mapping", json=choices).status_code == 200
    until(lambda: clerk.get(path).json["state"] == "done", "the import")
    done = clerk.get(path).json
    assert (done["registered"], done["refused"]) == (2, 2)
    identity = f"/api/petitions/{petition_id}/identity"
    assert clerk.post(identity, json={"reason": CODE_REASON}).json["people"] == [PERSON]
    assert (
        ground.client("intake", "office-1-a").post(identity, json={"reason": CODE_REASON}).status_code != 200
    )
    assert clerk.post("/api/petitions", json=petition_body(**MARKED | {"township": UNIT})).status_code == 422
    assert (
        clerk.post("/api/petitions", json=petition_body(**MARKED | {"text": TEXT * 3000})).status_code == 422
    )
    assert clerk.post("/api/petitions", data=TEXT, content_type="application/json").status_code in (400, 422)
    assert portal.post("/api/portal/lookup", json={"code": NAME}).status_code == 404
    assert portal.post("/api/tokens", json={"post": NAME, "password": TEXT}).status_code == 401
    assert portal.get(f"/api/petitions/{NAME}?q={TEXT}").status_code == 404


def _sheet() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    header = (
        "编号",
        "来件日期",
        "信访人",
        "联系电话",
        "身份证号",
        "住址",
        "乡镇",
        "村",
        "标题",
        "反映内容",
        "被反映单位",
    )
    sheet.append(header)
    good = ("XF-1", "2026-03-02", NAME, PHONE, ID_NUMBER, ADDRESS, "城关镇", PLACE, TITLE, TEXT, UNIT)
    sheet.append(good)
    sheet.append(("XF-2", *good[1:9], TEXT + "另一件", UNIT))
    sheet.append(("XF-3", *good[1:6], UNIT, *good[7:]))  # no such township
    sheet.append(("XF-4", "2099-01-01", *good[2:]))  # in the future
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _bodies(ground: Ground, model: type[Outbox] | type[Inbox]) -> list[str]:
    found = []
    for instance in ground.composed.instances.values():
        with instance.db.read() as session:
            columns = select(*model.__table__.columns)
            found += ["\n".join(v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in row)
                      for row in session.execute(columns)]  # fmt: skip
    return found


def _public_answers(ground: Ground) -> list[str]:
    found = []
    for service in ground.services:
        nobody, operator = ground.client(service.name, None), ground.client(service.name, "operator-1")
        for path in ("/health/live", "/health/ready", "/api/openapi.json", "/"):
            found.append(nobody.get(path).text)
        for path in ("/api/parked", "/ops/parked", "/api/progress", "/api/failed-deliveries"):
            found.append(operator.get(path).text)
    return found
