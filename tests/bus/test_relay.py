"""The relay: one at a time, positions without gap, nothing skipped for a reader that pages by position."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.bus.publisher import BrokerDown, Outcome, Outgoing
from shared.bus.relay import Relay
from shared.contracts.intake import PetitionRegisteredV1
from shared.contracts.registry import contract_of
from shared.db.base import SharedBase
from shared.db.engine import Database
from shared.db.outbox import Outbox, record
from tests.bus.station import until
from tests.contracts.examples import example_message

CONTRACT = contract_of(PetitionRegisteredV1)
DATA = CONTRACT.schema().load(example_message(CONTRACT, "full")["data"])


class Fake:
    """Takes what it is given, once it may; answers by a script, then that all was routed."""

    def __init__(self, *script: Outcome | Exception) -> None:
        self.taken: list[str] = []
        self.may = threading.Event()
        self.asked = threading.Event()
        self.may.set()
        self._script = list(script)

    def publish(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        self.asked.set()
        self.may.wait(30)
        answer = self._script.pop(0) if self._script else Outcome.ROUTED
        if isinstance(answer, Exception):
            raise answer
        self.taken += [message.id for message in messages]
        return [answer] * len(messages)

    def close(self) -> None:
        pass


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path}/relay.db" if sqlite else request.getfixturevalue("fresh_database")()
    database = Database(url, agency="local")
    SharedBase.metadata.create_all(database.engine)
    yield database
    database.close()


def relay(db: Database, publisher: Fake) -> Relay:
    return Relay(db, "memory://", "intake", threading.Event(), publisher)


def write(db: Database, subject: str = "s", pause: float = 0) -> str:
    with db.write() as session:
        made = record(session, PetitionRegisteredV1, subject=subject, **DATA)
        session.flush()  # takes its sequence number now, and commits later
        time.sleep(pause)
    return made.id


def rows(db: Database) -> Sequence[Outbox]:
    with db.read() as session:
        return session.scalars(select(Outbox).order_by(Outbox.position)).all()


def test_what_the_broker_did_not_take_stays(db: Database) -> None:
    publisher = Fake(BrokerDown("away"), Outcome.REFUSED, Outcome.UNROUTED)
    moved, id_ = relay(db, publisher), write(db)
    with pytest.raises(BrokerDown):
        moved.step()
    assert [(r.published_at, r.position) for r in rows(db)] == [(None, 1)]  # peers can fetch it already
    assert moved.step() == 0
    assert [(r.published_at, r.attempts) for r in rows(db)] == [(None, 1)]
    assert moved.step() == 1
    (row,) = rows(db)
    assert (row.published_at is not None, row.unrouted, row.last_error) == (True, True, None)
    assert publisher.taken == [id_, id_]


@pytest.mark.postgres
def test_of_two_relays_one_is_active(fresh_database, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    db = Database(fresh_database(), agency="local")
    SharedBase.metadata.create_all(db.engine)
    id_ = write(db)
    slow, other = Fake(), Fake()
    slow.may.clear()
    thread = threading.Thread(target=relay(db, slow).step)
    thread.start()
    assert slow.asked.wait(30)
    assert relay(db, other).step() == 0
    assert not other.asked.is_set()
    slow.may.set()
    thread.join(30)
    assert slow.taken == [id_]
    write(db)
    assert relay(db, other).step() == 1  # the lock went with the transaction
    db.close()


def test_a_reader_by_position_misses_nothing(db: Database) -> None:
    """Writers commit slowly and in another order than their sequence numbers; the reader never goes back."""
    writers, each = (8, 12) if not db.is_sqlite else (3, 12)
    stop, publisher = threading.Event(), Fake()
    seen: list[tuple[int, str]] = []

    def relaying() -> None:
        moved = relay(db, publisher)
        while not stop.is_set():
            moved.step()

    def reading() -> None:
        last = 0
        while not stop.is_set():
            with db.read() as session:
                fresh = session.execute(
                    select(Outbox.position, Outbox.id).where(Outbox.position > last).order_by(Outbox.position)
                ).all()
            seen.extend((position, id_) for position, id_ in fresh)
            last = seen[-1][0] if seen else 0

    def writing(number: int) -> None:
        dice = random.Random(number)
        for _ in range(each):
            write(db, subject=str(number), pause=dice.random() * 0.03)

    threads = [threading.Thread(target=run) for run in (relaying, reading)]
    writer_threads = [threading.Thread(target=writing, args=(n,)) for n in range(writers)]
    for thread in threads + writer_threads:
        thread.start()
    for thread in writer_threads:
        thread.join(60)
    until(lambda: len(seen) >= writers * each, "the reader")
    stop.set()
    for thread in threads:
        thread.join(30)
    every = rows(db)
    assert [row.position for row in every] == list(range(1, writers * each + 1))
    assert seen == [(row.position, row.id) for row in every]
    assert publisher.taken == [row.id for row in every]
    for number in range(writers):  # what one writer committed one after another keeps its order
        own = [row.seq for row in every if f'"subject":"{number}"' in row.body]
        assert own == sorted(own)
