"""Rows that a batch of events works on: each read and locked once, new ones written together at the end."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import Select, bindparam, inspect, select
from sqlalchemy.orm import Session

Row = TypeVar("Row")


def hold(session: Session, model: type[Row], key: Any, make: Callable[[], Row]) -> Row:
    """The row of a key, locked until this transaction ends; what `make` gives where there is none.

    Two events of one matter may be at work at once: the lock lets them take turns. A new row waits for the
    next flush; while it does (`row in session.new`), nothing else can be known of its matter.
    """
    kept = _kept(session)
    if (model, key) not in kept:
        hold_all(session, model, [key])
    row = cast(Row | None, kept[model, key])
    if row is None or row not in session:  # the savepoint in which it was made was rolled back
        kept[model, key] = row = make()
        session.add(row)
    elif row in session.new:
        session.flush()  # each event's doing is in the ledger by itself
    return row


def held(session: Session, model: type[Row], key: Any) -> Row | None:
    """The row of a key as this transaction knows it, or None; whoever changes it holds it."""
    kept = _kept(session)
    if (model, key) in kept:
        return cast(Row | None, kept[model, key])
    with session.no_autoflush:
        return session.get(model, key)


def hold_all(session: Session, model: type[Any], keys: Iterable[Any]) -> None:
    """Read and lock the rows of some keys at once, in an order that is the same for all workers."""
    kept = _kept(session)
    wanted = sorted({key for key in keys if (model, key) not in kept})
    if not wanted:
        return
    name, rows = _rows_of(model)  # type: ignore[arg-type]  # mypy takes a class for unhashable
    kept.update(dict.fromkeys((model, key) for key in wanted))
    # Nothing that waits to be written is of these, since they were not held: it may go on waiting.
    with session.no_autoflush:
        for row in session.scalars(rows, {"keys": wanted}):
            kept[model, getattr(row, name)] = row


@cache
def _rows_of(model: type[Any]) -> tuple[str, Select[Any]]:
    """The name of a model's key, and the rows of some `keys`. Put together once: each batch asks."""
    (column,) = inspect(model).primary_key
    these = column.in_(bindparam("keys", expanding=True))
    return column.key, select(model).where(these).order_by(column).with_for_update()


def _kept(session: Session) -> dict[tuple[type, Any], object]:
    kept: dict[tuple[type, Any], object] = session.info.setdefault("held", {})
    return kept
