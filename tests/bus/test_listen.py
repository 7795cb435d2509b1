"""What one process records, the relay of another hears of at once: after the commit, and only then."""

import threading
from collections.abc import Callable, Iterator
from queue import Empty, Queue
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, text

from shared.contracts.intake import PetitionRegisteredV1
from shared.contracts.registry import contract_of
from shared.db.base import SharedBase
from shared.db.engine import Database
from shared.db.listen import listen_until
from shared.db.outbox import record
from tests.contracts.examples import example_message

CONTRACT = contract_of(PetitionRegisteredV1)
DATA = CONTRACT.schema().load(example_message(CONTRACT, "full")["data"])
SOON, NEVER = 30.0, 0.3  # seconds
pytestmark = pytest.mark.postgres


class Listener:
    """Listens in a thread of its own, as the worker process does."""

    def __init__(self, url: str) -> None:
        self.heard: Queue[str] = Queue()
        self.errors: Queue[Exception] = Queue()
        self._engine, self._stop = create_engine(url), threading.Event()
        self._thread = threading.Thread(target=self._listen)

    def _listen(self) -> None:
        try:
            listen_until(self._engine, self._stop, lambda: self.heard.put("told"))
        except Exception as error:
            self.errors.put(error)

    def __enter__(self) -> "Listener":
        self._thread.start()
        self.heard.get(timeout=SOON)  # what lies there from before, it is told of at once
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(SOON)
        assert not self._thread.is_alive()
        self._engine.dispose()


@pytest.fixture
def url(fresh_database: Callable[[], str]) -> str:
    return fresh_database()


@pytest.fixture
def web(url: str) -> Iterator[Database]:
    """The database as a process has it that carries nothing to the bus."""
    db = Database(url, agency="local")
    SharedBase.metadata.create_all(db.engine)
    yield db
    db.close()


def test_a_commit_with_events_is_told_of(web: Database, url: str) -> None:
    with Listener(url) as listener:
        with web.write() as session:
            record(session, PetitionRegisteredV1, subject="x", **DATA)
            session.flush()
            with pytest.raises(Empty):
                listener.heard.get(timeout=NEVER)  # not before the commit: there is nothing to see yet
        assert listener.heard.get(timeout=SOON)


def test_a_commit_without_events_and_a_rollback_are_not(web: Database, url: str) -> None:
    def fail(**data: Any) -> None:
        with web.write() as session:
            record(session, PetitionRegisteredV1, subject="x", **data)
            raise RuntimeError

    with Listener(url) as listener:
        with web.write() as session:
            session.execute(text("SELECT 1"))
        with pytest.raises(RuntimeError):
            fail(**DATA)
        with pytest.raises(Empty):
            listener.heard.get(timeout=NEVER)


def test_who_has_the_relay_itself_tells_nobody(web: Database, url: str) -> None:
    web.has_relay = True
    with Listener(url) as listener:
        with web.write() as session:
            record(session, PetitionRegisteredV1, subject="x", **DATA)
        with pytest.raises(Empty):
            listener.heard.get(timeout=NEVER)


def test_a_lost_connection_is_an_error_and_not_silence(url: str) -> None:
    with Listener(url) as listener:
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
            )
        assert isinstance(listener.errors.get(timeout=SOON), psycopg.OperationalError)
