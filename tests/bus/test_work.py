"""The work loop: backoff, parking, one bad message among good ones, two workers on one inbox."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.bus.handlers import Event, Handler, TryLater
from shared.bus.work import BACKOFF, Work
from shared.contracts import envelope
from shared.contracts.intake import PetitionRegisteredV1
from shared.contracts.notify import ExtractReadV1
from shared.contracts.registry import contract_of
from shared.db.base import SharedBase
from shared.db.engine import Database
from shared.db.inbox import Arrival, Inbox, State, receive
from shared.db.outbox import Outbox, record
from tests.bus.bad import good_body
from tests.contracts.examples import example_message
from tests.processes import wait_until

CONTRACT = contract_of(PetitionRegisteredV1)
Handling = Callable[[Event, Session], None]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path}/work.db" if sqlite else request.getfixturevalue("fresh_database")()
    database = Database(url, agency="local")
    SharedBase.metadata.create_all(database.engine)
    yield database
    database.close()


def work_with(db: Database, function: Handling, *others: Handling) -> Work:
    handlers = [Handler(CONTRACT, frozenset(), each) for each in (function, *others)]
    return Work(db, handlers, threading.Event())


def arrive(db: Database, *ids: str) -> None:
    with db.write() as session:
        receive(session, [Arrival(good_body(id_)) for id_ in ids], {CONTRACT.key})


def row_of(db: Database, id_: str) -> Inbox:
    with db.read() as session:
        return session.scalars(select(Inbox).where(Inbox.id == id_)).one()


def echo(event: Event, session: Session) -> None:
    """An effect that can be counted: an event caused by this one."""
    record(session, PetitionRegisteredV1, subject="echo", **event.data)


def effects(db: Database) -> Counter[str | None]:
    """How many effects each message had."""
    with db.read() as session:
        return Counter(envelope.parse(body).causationid for body in session.scalars(select(Outbox.body)))


def test_a_failing_message_is_put_off_longer_each_time_and_then_parked(db: Database) -> None:
    def fail(event: Event, session: Session) -> None:
        echo(event, session)
        raise ValueError("says what somebody wrote")

    work = work_with(db, fail)
    began = datetime(2026, 3, 2, tzinfo=UTC)
    with clock.travel(began) as move:
        arrive(db, "one")
        assert work.step() == 1
        for pause in BACKOFF:
            assert row_of(db, "one").next_attempt_at == clock.now() + pause
            move(pause - timedelta(milliseconds=1))
            assert work.step() == 0
            move(timedelta(milliseconds=1))
            assert work.step() == 1
        row = row_of(db, "one")
        assert (row.state, row.attempts) == (State.PARKED, len(BACKOFF) + 1)
        assert row.last_error == "ValueError in the handler: see the log of this service"
        move(timedelta(days=365))
        assert work.step() == 0
    assert effects(db) == {}


def test_what_must_come_first_is_waited_for(db: Database) -> None:
    def needs_first(event: Event, session: Session) -> None:
        if event.id == "second" and not effects(db)["first"]:
            raise TryLater("first has not come")
        echo(event, session)

    work = work_with(db, needs_first)
    with clock.travel(datetime(2026, 3, 2, tzinfo=UTC)) as move:
        arrive(db, "second")
        work.step()
        assert row_of(db, "second").last_error == "first has not come"
        arrive(db, "first")
        work.step()
        assert (effects(db)["first"], effects(db)["second"]) == (1, 0)
        move(timedelta(seconds=1))
        work.step()
    assert effects(db) == {"first": 1, "second": 1}
    assert row_of(db, "second").last_error is None


def test_receiving_says_how_many_were_new(db: Database) -> None:
    arrivals = [Arrival(good_body(id_)) for id_ in ("a", "b", "c")]
    for expected in (3, 0):
        with db.write() as session:
            assert receive(session, arrivals, {CONTRACT.key}) == expected
    with db.write() as session:
        assert receive(session, [*arrivals, Arrival(good_body("d"))], {CONTRACT.key}) == 1


def test_one_bad_in_a_batch_stops_nobody(db: Database) -> None:
    def fail_one(event: Event, session: Session) -> None:
        echo(event, session)
        if event.id == "bad":
            raise RuntimeError

    work = work_with(db, fail_one)
    arrive(db, "a", "b", "bad", "c", "d")
    while work.step():
        pass
    assert effects(db) == dict.fromkeys("abcd", 1)
    assert (row_of(db, "bad").state, row_of(db, "bad").attempts) == (State.READY, 1)


def test_all_handlers_of_an_event_or_none(db: Database) -> None:
    def fail(event: Event, session: Session) -> None:
        raise TryLater("not yet")

    work = work_with(db, echo, fail)
    arrive(db, "one")
    work.step()
    assert effects(db) == {}


def test_what_is_recorded_names_its_cause(db: Database) -> None:
    arrive(db, "one")
    work_with(db, echo).step()
    with db.read() as session:
        made = envelope.parse(session.scalars(select(Outbox.body)).one())
    cause = envelope.parse(good_body("one"))
    assert (made.causationid, made.correlationid) == ("one", cause.correlationid)


def test_two_workers_do_everything_once(db: Database) -> None:
    failed: set[str] = set()

    def sometimes(event: Event, session: Session) -> None:
        echo(event, session)
        if int(event.id) % 17 == 0 and event.id not in failed:
            failed.add(event.id)
            raise RuntimeError

    ids = [str(n) for n in range(300)]
    arrive(db, *ids)

    def run() -> None:
        work = work_with(db, sometimes)
        while any(row_state != State.DONE for row_state in states()):
            work.step()

    def states() -> list[str]:
        with db.read() as session:
            return list(session.scalars(select(Inbox.state)))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert effects(db) == dict.fromkeys(ids, 1)


PARTNERS = contract_of(ExtractReadV1)  # an event that agencies send to each other


def believing(db: Database, function: Handling, **more: Any) -> Work:
    """Handles what partners say, too."""
    handler = Handler(PARTNERS, frozenset(), function)
    return Work(db, [handler], threading.Event(), lambda _source: True, **more)


def arrive_from(db: Database, agency: str, *ids: str) -> None:
    named = {"type": PARTNERS.type_for(agency), "source": f"/{agency}/{PARTNERS.key.partition('.')[0]}"}
    messages = [example_message(PARTNERS, "full") | named | {"id": id_} for id_ in ids]
    arrivals = [Arrival(json.dumps(message).encode()) for message in messages]
    with db.write() as session:
        assert receive(session, arrivals, {PARTNERS.key}, lambda _source: True) == len(ids)


def test_agencies_come_in_turns(db: Database) -> None:
    order: list[str] = []
    work = believing(db, lambda event, _session: order.append(event.agency))
    arrive_from(db, "north", *(f"north-{n}" for n in range(200)))
    arrive_from(db, "south", *(f"south-{n}" for n in range(200)))
    arrive_from(db, "local", *(f"own-{n}" for n in range(3)))
    work.step()
    counts = Counter(order)
    assert counts["local"] == 3
    assert counts["north"] and abs(counts["north"] - counts["south"]) <= 1
    while work.step():
        pass
    assert Counter(order) == {"local": 3, "north": 200, "south": 200}


def test_an_agencys_events_keep_their_order(db: Database) -> None:
    order: dict[str, list[str]] = {"north": [], "local": []}
    work = believing(db, lambda event, _session: order[event.agency].append(event.id))
    ids = {agency: [f"{agency}-{n}" for n in range(30)] for agency in order}
    with clock.travel(datetime(2026, 3, 2, tzinfo=UTC)) as move:
        for own, other in zip(ids["local"], ids["north"], strict=True):
            arrive_from(db, "local", own)
            arrive_from(db, "north", other)
            move(timedelta(milliseconds=1))
        while work.step():
            pass
    assert order == ids


def test_giving_way_to_a_flood_is_never_giving_up(db: Database) -> None:
    """Even where more comes in for ever, what is stored is handled."""
    stop, looked = threading.Event(), threading.Event()

    def flooded() -> bool:
        looked.set()
        return True

    done: set[str] = set()
    work = believing(db, lambda event, _session: done.add(event.id), gives_way=flooded)
    arrive_from(db, "north", *(str(n) for n in range(120)))
    thread = threading.Thread(target=work.run_until, args=(stop, 0.25))
    thread.start()
    assert wait_until(lambda: len(done) == 120, 60)
    stop.set()
    thread.join(60)
    assert looked.is_set() and not thread.is_alive()
