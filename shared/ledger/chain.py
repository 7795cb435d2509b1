"""Chains the entries: each gets its position and a hash over what it says and the hash of the one before.

A transaction writes its entry unchained, so that no two wait for each other; the worker chains what is
committed, in order. The limit of that: who alters an entry within the second before it is chained is not
found out by the chain (though `verify` with the rows may).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, select, update
from sqlalchemy.orm import Session

from shared.ledger.digests import of_entry
from shared.ledger.models import LedgerEntry

PORTION = 500
_TABLE: Any = LedgerEntry.__table__


# Asked every second: put together once.
_UNSEALED = select(LedgerEntry.seq).where(LedgerEntry.position.is_(None)).limit(1)


def seal(session: Session, limit: int = PORTION) -> int:
    """Chain what is committed, in the order in which it was written; returns how many entries.

    The caller holds the lock of the ledger (`Database.takes_turn`).
    """
    entry = LedgerEntry
    waiting = session.execute(
        select(entry.seq, entry.at, entry.acts, entry.algorithm)
        .where(entry.position.is_(None))
        .order_by(entry.seq)
        .limit(limit)
    ).mappings()
    position, prev = last_sealed(session)
    links = []
    for row in waiting:
        position += 1
        hash_ = hash_of(row, position, prev)
        links.append({"of": row["seq"], "position": position, "prev": prev, "hash": hash_})
        prev = hash_
    if links:
        chained = update(_TABLE).where(_TABLE.c.seq == bindparam("of"))
        values: dict[str, Any] = {name: bindparam(name) for name in ("position", "prev", "hash")}
        session.connection().execute(chained.values(values), links)
    return len(links)


def hash_of(row: RowMapping | Mapping[str, Any], position: int, prev: str) -> str:
    """The hash of an entry at a place in the chain. Raises ValueError for an unknown algorithm."""
    at: datetime = row["at"]
    return of_entry(row["algorithm"], [position, prev, row["seq"], at, row["acts"], row["algorithm"]])


def last_sealed(session: Session) -> tuple[int, str]:
    """Position and hash of the end of the chain: 0 and "" where there is none."""
    found = session.execute(
        select(LedgerEntry.position, LedgerEntry.hash)
        .where(LedgerEntry.position.is_not(None))
        .order_by(LedgerEntry.position.desc())
        .limit(1)
    ).one_or_none()
    return (found.position or 0, found.hash or "") if found else (0, "")


def is_waiting(session: Session) -> bool:
    """Whether any entry is not yet chained."""
    return session.scalar(_UNSEALED) is not None
