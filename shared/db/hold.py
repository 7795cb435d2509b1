"""Rows that a batch of events works on: each read and locked once, new ones written together at the end."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from sqlalchemy.orm import Session

Row = TypeVar("Row")


def hold(session: Session, model: type[Row], key: Any, make: Callable[[], Row]) -> Row:
    """The row of a key, locked until this transaction ends; what `make` gives where there is none.

    Two events of one matter may be at work at once: the lock lets them take turns. A new row waits for the
    next flush; while it does (`row in session.new`), nothing else can be known of its matter.
    """
    kept: dict[tuple[type, Any], object] = session.info.setdefault("held", {})
    row = cast(Row | None, kept.get((model, key)))
    if row is not None and row not in session:
        row = None  # its savepoint was rolled back
    if row is None:
        # Nothing that waits to be written is of it, since it was not held: the others may go on waiting.
        with session.no_autoflush:
            row = session.get(model, key, with_for_update=True)
        if row is None:
            row = make()
            session.add(row)
        kept[model, key] = row
    elif row in session.new:
        session.flush()  # each event's doing is in the ledger by itself
    return row
