"""Verifies a ledger: the chain from its first entry on, its signed heads, and the rows that it speaks of.

The chain is walked in portions, so that a long one needs no more memory than a short one. What it cannot
show by itself: entries cut off at the end since the last signed head, and a chain rewritten as a whole by
who holds the signing key. Both show at the other services (watch.py).
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import RowMapping, select
from sqlalchemy.orm import Session

from shared.db.engine import Database
from shared.identity.keys import Keys
from shared.ledger.chain import hash_of
from shared.ledger.heads import counts, is_signed
from shared.ledger.models import LedgerEntry, LedgerHead

PORTION = 1000


@dataclass(frozen=True)
class Fault:
    """The first broken place of a chain."""

    position: int
    what: str

    def __str__(self) -> str:
        return f"entry {self.position}: {self.what}"


@dataclass(frozen=True)
class Verdict:
    """How many entries were found sound, and the first that is not."""

    entries: int
    fault: Fault | None


def check_chain(db: Database, keys: Keys, each: Callable[[RowMapping], None] = lambda _row: None) -> Verdict:
    """Walk the chain until its end or the first broken entry; `each` is given every sound entry."""
    position, prev = 0, ""
    while True:
        with db.read() as session:
            rows = _portion(session, position)
            heads = _own_heads(session, keys.source, position, rows[-1]["position"] if rows else None)
        for row in rows:
            fault = _fault(row, position, prev) or _head_fault(heads.pop(row["position"], ()), row, keys)
            if fault:
                return Verdict(position, fault)
            position, prev = row["position"], row["hash"]
            each(row)
        if not rows:
            return Verdict(position, _cut_off(heads))


def _portion(session: Session, after: int) -> list[RowMapping]:
    columns = [*LedgerEntry.__table__.columns]
    rows = session.execute(
        select(*columns).where(LedgerEntry.position > after).order_by(LedgerEntry.position).limit(PORTION)
    )
    return list(rows.mappings())


def _own_heads(
    session: Session, source: str, after: int, until: int | None
) -> dict[int, tuple[LedgerHead, ...]]:
    wanted = select(LedgerHead).where(LedgerHead.source == source, LedgerHead.position > after, counts())
    if until is not None:
        wanted = wanted.where(LedgerHead.position <= until)
    found: dict[int, tuple[LedgerHead, ...]] = {}
    for head in session.scalars(wanted.order_by(LedgerHead.position).limit(PORTION)):
        found[head.position] = (*found.get(head.position, ()), head)
    return found


def _fault(row: RowMapping, last: int, prev: str) -> Fault | None:
    """What is wrong with an entry that stands after the entry `last` with the hash `prev`."""
    if row["position"] != last + 1:
        missing = row["position"] - last - 1
        return Fault(last + 1, f"is missing{f', with {missing - 1} more after it' if missing > 1 else ''}")
    try:
        is_sound = row["hash"] == hash_of(row, row["position"], row["prev"])
    except (ValueError, TypeError):
        is_sound = False
    if not is_sound:
        return Fault(row["position"], "was altered, or stood elsewhere: its hash does not fit what it says")
    if row["prev"] != prev:
        return Fault(
            row["position"],
            "does not follow the entry before it: one was put in, taken out, or written anew with its hash",
        )
    return None


def _head_fault(heads: tuple[LedgerHead, ...], row: RowMapping, keys: Keys) -> Fault | None:
    for head in heads:
        if not is_signed(head, keys):
            return Fault(
                head.position, "the head that was signed there is not signed with this service's key"
            )
        if head.hash != row["hash"]:
            return Fault(head.position, "another hash was signed there: the chain up to it was rewritten")
    return None


def _cut_off(heads: dict[int, tuple[LedgerHead, ...]]) -> Fault | None:
    if not heads:
        return None
    return Fault(min(heads), "is missing: a head was signed there, and the chain ends before it")
