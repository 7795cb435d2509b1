"""Which of a case's duties is due next, and its place in lists that are sorted by it.

What a superior organ assigned is put first everywhere (M5), then what is due first, then what has no date.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

# Deciding on acceptance and signing for a transfer are intake's.
OF_A_CASE = ("plan", "handling", "reply", "instruction")
WORDS = ("started", "moved", "stopped")  # of one moment, the later in this order is the newer


@dataclass(frozen=True)
class Due:
    """A duty that is not done, and its last day."""

    on: date
    duty: str


def next_due(running: Iterable[Due]) -> Due | None:
    """The duty with the first last day; of one day, the one that comes first in a case."""
    return min(running, key=lambda due: (due.on, OF_A_CASE.index(due.duty)), default=None)


def due_key(due: Due | None, number: str, *, superior_assigned: bool) -> str:
    """Sorts cases by what is due; unique, since it ends with the petition's number."""
    if due is None:
        return f"2-{number}"
    return f"{int(not superior_assigned)}-{due.on.isoformat()}-{number}"


def is_newer(moment: datetime, word: str, than: datetime, its_word: str) -> bool:
    """Whether an event about a clock counts after the one that is known (or is that one again)."""
    return (moment, WORDS.index(word)) >= (than, WORDS.index(its_word))
