"""PostgreSQL's LISTEN and NOTIFY: a relay learns at once what another process of its service recorded.

Only a hint. SQLite has nothing like it, and while the connection is lost nothing is heard: the relay also
looks by itself from time to time.
"""

import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from psycopg import Connection
from sqlalchemy import Engine
from sqlalchemy.orm import Session

CHANNEL = "huajie_outbox"
STOP_SECONDS = 0.5  # how soon a stop is noticed


def tell_of_events(session: Session) -> None:
    """Tell who listens, once this transaction is committed, that events were recorded."""
    session.connection().exec_driver_sql(f"NOTIFY {CHANNEL}")


def listen_until(engine: Engine, stop: threading.Event, heard: Callable[[], None]) -> None:
    """Call `heard` whenever events were told of, and once at the beginning for those before, until `stop`.

    Only on PostgreSQL. Raises psycopg's errors where the connection is lost.
    """
    with _listening(engine) as connection:
        heard()
        while not stop.is_set():
            # psycopg's own wait would wake ten times a second.
            readable, _, _ = select.select([connection], [], [], STOP_SECONDS)
            if readable and any(True for _ in connection.notifies(timeout=0)):
                heard()


@contextmanager
def _listening(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, Connection)
        connection.detach()  # kept for as long as the process lives: not one of the pool's
        raw.rollback()
        raw.autocommit = True
        raw.execute(f"LISTEN {CHANNEL}")
        yield raw
