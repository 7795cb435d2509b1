"""Reads once in a transaction what the county's data say: a batch of events would ask for each anew."""

from collections.abc import Callable
from typing import TypeVar, cast

from sqlalchemy.orm import Session

T = TypeVar("T")


def once(session: Session, what: str, read: Callable[[], T]) -> T:
    """What `read` gives, the first time in this session.

    Only for what nothing else in it changes, or whose every change is made to what was given here too:
    so what waits to be written goes on waiting.
    """
    kept: dict[str, object] = session.info.setdefault("once", {})
    if what not in kept:
        with session.no_autoflush:
            kept[what] = read()
    return cast(T, kept[what])
