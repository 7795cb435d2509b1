"""One database of one service: its engine and its transactions, alike on SQLite and PostgreSQL."""

import sqlite3
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session

from shared.db.listen import tell_of_events
from shared.ledger.gather import GATHERING, Gathering, RecordedSession

if TYPE_CHECKING:
    from shared.ledger.digests import Digests

# secure_delete: what is erased (a sealed-away petition, an identity) leaves no bytes in the file.
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=30000",
    "secure_delete=ON",
)

_TAKE_TURN = text("SELECT pg_try_advisory_xact_lock(:key)")
PING_AFTER = 1.0  # seconds
DISK_FULL = "53100"  # PostgreSQL's SQLSTATE

# jit: what it compiles for a page takes longer than the page's queries.
OPTIONS = "-c statement_timeout=60000 -c lock_timeout=30000 -c jit=off"


class Database:
    """Transactions of one service, each with its entry in the ledger.

    `wake` is called after a commit that recorded events. Without `ledger` no entry is written: tests of
    the machinery below do without.
    """

    def __init__(
        self,
        url: str,
        *,
        agency: str,
        wake: Callable[[], None] = lambda: None,
        ledger: "Digests | None" = None,
    ) -> None:
        self.engine = _make_engine(url)
        self._reader = self.engine.execution_options(read_only=True)
        # Without BEGIN and ROLLBACK, which are two round trips more; on SQLite they cost nothing.
        self._glancer = (
            self._reader if self.is_sqlite else self._reader.execution_options(isolation_level="AUTOCOMMIT")
        )
        # Whether this process carries the outbox to the bus itself; else whoever does is told.
        self.has_relay = False
        self._agency = agency
        self._wake = wake
        self._ledger = ledger

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def session(self, *, read_only: bool = False) -> Session:
        """A session without a transaction around it; the web shell commits or rolls back."""
        session = RecordedSession(self._reader if read_only else self.engine, expire_on_commit=False)
        session.info["agency"] = self._agency
        if self._ledger is not None and not read_only:
            session.info[GATHERING] = Gathering(self._ledger)
        return session

    @contextmanager
    def write(self, *, recorded: bool = True) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back on any error.

        Not `recorded` is only what the ledger does for itself.
        """
        with self.session() as session:
            if not recorded:
                session.info.pop(GATHERING, None)
            yield session
            self.commit(session)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One transaction that only reads; it never waits for a writer."""
        with self.session(read_only=True) as session:
            yield session

    @contextmanager
    def glance(self) -> Iterator[Session]:
        """Short reads that need no transaction around them: each sees what is newest. No streams."""
        with RecordedSession(self._glancer, expire_on_commit=False) as session:
            session.info["agency"] = self._agency
            yield session

    def commit(self, session: Session) -> None:
        """Commit, and wake the relay if events were recorded."""
        if session.info.get("recorded") and not (self.has_relay or self.is_sqlite):
            tell_of_events(session)
        session.commit()
        if session.info.pop("recorded", False):
            self._wake()

    def takes_turn(self, session: Session, what: str) -> bool:
        """Whether this transaction alone does `what` now: it holds the lock until its end.

        On PostgreSQL an advisory lock; on SQLite there is one writer anyway.
        """
        if self.is_sqlite:
            return True
        return bool(session.connection().scalar(_TAKE_TURN, {"key": turn_key(what)}))

    def close(self) -> None:
        self.engine.dispose()


def turn_key(what: str) -> int:
    """The number of the advisory lock of `Database.takes_turn`."""
    return zlib.crc32(f"huajie-{what}".encode())


def is_full(error: Exception) -> bool:
    """Whether a database's error says that its disk has no space left."""
    cause = getattr(error, "orig", None)
    return (
        getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        or getattr(cause, "sqlstate", None) == DISK_FULL
    )


def _make_engine(url: str) -> Engine:
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    engine = create_engine(
        url,
        hide_parameters=True,  # an error must not carry what somebody wrote
        pool_size=10,
        max_overflow=20,
        connect_args={"connect_timeout": 5, "options": OPTIONS},
    )

    @event.listens_for(engine, "checkin")
    def note_use(_connection: Any, record: Any) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ping(connection: Any, record: Any, _proxy: Any) -> None:
        # A database that was restarted must not fail the next request. As `pool_pre_ping`, but not for what
        # was in use a moment ago: that round trip would be one in ten of all.
        if time.monotonic() - record.info.get("used_at", time.monotonic()) < PING_AFTER:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError("the database was away") from error

    return engine


def _sqlite_engine(url: str) -> Engine:
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver's own BEGIN comes late and deferred; ours is in `begin` below.
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # IMMEDIATE: a deferred transaction that turns into a writer fails at once instead of waiting.
        read_only = connection.get_execution_options().get("read_only", False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
