"""Marked values go in at every door; none may come out in an event, log, queue, mail, file name or metric.

The whole way of a petition, and its other ways with doors.py, on PostgreSQL and RabbitMQ with a spy on the
exchange. Nor may any database but intake's hold what was said of a matter or who brought it.
"""

import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask, Response, request_finished
from kombu import Exchange, Queue
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase

from services import all_services
from shared import clock
from shared.bus import topology
from shared.bus.connection import connect
from shared.db.inbox import Inbox
from shared.db.outbox import Outbox
from shared.ledger.models import LedgerCheck, LedgerEntry, LedgerHead
from shared.ledger.rows import check_rows
from shared.ledger.verify import check_chain
from shared.runtime.log import configure_logging
from shared.runtime.settings import Settings
from shared.watching.figures import exposition
from tests.bus.station import until
from tests.factories import whole_way
from tests.ground import Ground, settings_for
from tests.journeys.doors import MARKED, MARKS, OF_THE_PERSON, SAID, TEXT, other_doors, other_ways
from tests.notify.mail import Mailbox, mail_server
from tests.servers import PostgreSQL, RabbitMQ

pytestmark = [pytest.mark.rabbitmq, pytest.mark.postgres]

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


@pytest.fixture
def answered() -> Iterator[list[str]]:
    """The status and headers, cookies among them, of every answer to anybody."""
    found: list[str] = []

    def note(_app: Flask, response: Response, **_: object) -> None:
        found.append(f"{response.status} {response.headers}")

    request_finished.connect(note)
    yield found
    request_finished.disconnect(note)


def test_no_marked_value_comes_out(
    ground: Ground,
    mailbox: tuple[Mailbox, str],
    logged: Path,
    answered: list[str],
    postgres: PostgreSQL,
    rabbit: RabbitMQ,
    capfd: pytest.CaptureFixture[str],
) -> None:
    spy = Spy(ground.settings.bus_url)
    with clock.travel(MORNING) as move:
        ground.start()

        def a_minute_later() -> None:
            ground.settle()
            move(timedelta(minutes=1))

        petition = whole_way(ground, said=SAID, settle=a_minute_later, **MARKED)
        marks = {*MARKS, *other_doors(ground, petition["id"])}
        other_ways(ground)
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
    for loops in ground.loops.values():  # what each said as it left: the head of its ledger
        while loops.relay.step():
            pass
        loops.relay.close()
    try:
        raise ValueError(SAID)
    except ValueError:  # as a library might word what went wrong; the log keeps its kind and place only
        logging.getLogger("services.intake").exception("something failed", extra={"text": TEXT})
    seen = {
        "the bus": spy.heard(),
        "dead queues": [m for s in ground.services for m in spy.heard(topology.dead_name("local", s.name))],
        "outboxes": _bodies(ground, Outbox),
        "inboxes": _bodies(ground, Inbox),
        "ledgers": _bodies(ground, LedgerEntry) + _bodies(ground, LedgerHead) + _bodies(ground, LedgerCheck),
        "logs": logged.read_text("utf-8").splitlines(),
        "output": list(capfd.readouterr()),
        "logs of the servers": [
            path.read_text("utf-8", "replace")
            for server in (postgres, rabbit)
            for path in server.directory.rglob("*.log")
        ],
        "headers": answered,
        "answers without sign-in": public,
        "mails": [message.as_string() for message in mailbox[0].messages],
        "file names": [str(path) for path in logged.parent.rglob("*")] + os.listdir("/tmp"),
    }
    assert len(seen["the bus"]) == len(seen["outboxes"]) > 20
    assert any("ValueError" in line for line in seen["logs"])
    assert all(seen[where] for where in ("ledgers", "logs of the servers", "headers", "mails"))
    escaped = {mark.encode("unicode_escape").decode() for mark in marks}  # as careless JSON writes it
    found = {
        f"{where}: {mark}"
        for where, texts in seen.items()
        for mark in marks | escaped
        for text in texts
        if mark in text
    }
    assert found == set()
    _databases_keep_to_themselves(ground, marks)
    for instance in ground.composed.instances.values():  # and every row of this whole run is on a ledger
        assert check_chain(instance.db, instance.keys).fault is None
        assert [str(stray) for stray in check_rows(instance)] == []


def _databases_keep_to_themselves(ground: Ground, marks: set[str]) -> None:
    """What the offices wrote stays where they wrote it; all else, and who said it, stays with intake."""
    written_there = {SAID, "印记"}
    for name in ("assignment", "supervision", "notify", "reporting"):
        allowed = written_there if name in ("assignment", "supervision") else set()
        for table, text in _tables(ground, name):
            assert {mark for mark in marks - allowed if mark in text} == set(), (name, table)
    whose = {"import", "import_piece"}  # the file that a clerk sent, until it is removed
    for table, text in _tables(ground, "intake"):
        codes = marks - set(MARKS)
        assert {m for m in codes | (set() if table in whose else OF_THE_PERSON) if m in text} == set(), table


def _tables(ground: Ground, name: str) -> Iterator[tuple[str, str]]:
    instance = ground.instance(name)
    with instance.db.read() as session:
        for table in instance.service.metadata.sorted_tables:
            rows = session.execute(select(*table.columns)).all()
            yield table.name, "\n".join(str(value) for row in rows for value in row)


def _bodies(ground: Ground, model: type[DeclarativeBase]) -> list[str]:
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
        found.append(exposition(ground.instance(service.name)).decode())
        for path in ("/api/parked", "/ops/parked", "/api/progress", "/api/failed-deliveries"):
            found.append(operator.get(path).text)
    return found
