"""Compares the rows of the watched tables with the last that the ledger says of each.

Finds what was changed, put in or deleted past the application. All of it is read in one snapshot; what the
ledger said last of each row lies in a temporary file meanwhile, not in memory.
"""

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.ledger.digests import Digests
from shared.ledger.models import LedgerEntry
from shared.ledger.shapes import Shape, shapes_of
from shared.runtime.service import Instance

PORTION = 500
OWN_HEADS = ".ledger.signed.v1"  # the events of the ledger itself are in no entry


@dataclass(frozen=True)
class Stray:
    """A row that is not as the ledger says: `key` as the ledger names it."""

    table: str
    key: str
    what: str
    position: int | None = None  # of the last entry that speaks of it

    def __str__(self) -> str:
        by = f" (last in entry {self.position})" if self.position else ""
        return f"{self.table} {self.key}: {self.what}{by}"


def check_rows(instance: Instance) -> Iterator[Stray]:
    """Each row that is not as its last entry says. Run it on a chain that was verified."""
    with _temporary() as said, _snapshot(instance) as session:
        _collect(session, said)
        for shape in shapes_of(instance.service.all_metadata):
            yield from _compare(session, said, shape, instance.digests)
        gone = said.execute("SELECT t, k, position FROM said WHERE digest <> '' AND NOT seen")
        for table, key, position in gone:
            yield Stray(table, key, "was deleted past the application", position)


@contextmanager
def _temporary() -> Iterator[sqlite3.Connection]:
    """A database of its own for what the ledger said last of each row."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(sqlite3.connect(Path(folder) / "said.db", isolation_level=None)) as said,
    ):
        said.execute("PRAGMA synchronous=OFF")
        said.execute(
            "CREATE TABLE said (t, k, digest, algorithm, position, seen DEFAULT 0, "
            "PRIMARY KEY (t, k)) WITHOUT ROWID"
        )
        yield said


@contextmanager
def _snapshot(instance: Instance) -> Iterator[Session]:
    with instance.db.read() as session:
        if not instance.db.is_sqlite:  # there a transaction is a snapshot anyway
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


def _collect(session: Session, said: sqlite3.Connection) -> None:
    """Keep the last that was said of each row, in the order of the chain."""
    entry = LedgerEntry
    columns = select(entry.position, entry.algorithm, entry.acts).execution_options(yield_per=PORTION)
    chained = session.execute(columns.where(entry.position.is_not(None)).order_by(entry.position))
    fresh = session.execute(columns.where(entry.position.is_(None)).order_by(entry.seq))
    said.execute("BEGIN")
    for position, algorithm, acts in chain(chained, fresh):
        said.executemany(
            "INSERT OR REPLACE INTO said VALUES (?, ?, ?, ?, ?, 0)",
            (
                (table, key, digest, algorithm, position)
                for _actor, _action, changes, _notes in json.loads(acts)
                for table, key, _operation, digest, *_matter in changes
            ),
        )
    said.execute("COMMIT")


def _compare(session: Session, said: sqlite3.Connection, shape: Shape, digests: Digests) -> Iterator[Stray]:
    streamed = session.execute(select(*shape.columns).execution_options(yield_per=PORTION)).mappings()
    while rows := list(islice(streamed, PORTION)):
        said.execute("BEGIN")
        for mapping in rows:
            row = dict(mapping)
            if shape.is_fixed and str(row.get("type", "")).endswith(OWN_HEADS):
                continue
            key = shape.key_of(row, digests)
            asked = "SELECT digest, algorithm, position FROM said WHERE t = ? AND k = ?"
            found = said.execute(asked, (shape.name, key)).fetchone()
            said.execute("UPDATE said SET seen = 1 WHERE t = ? AND k = ?", (shape.name, key))
            if found is None or not found[0]:
                yield Stray(shape.name, key, "was put in past the application", found and found[2])
            elif digests.of_row(shape.name, key, row, found[1]) != found[0]:
                yield Stray(shape.name, key, "was changed past the application", found[2])
        said.execute("COMMIT")
