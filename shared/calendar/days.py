"""Which days are worked: the State Council's yearly notice where there is one, weekdays where not.

The notices come from the chinesecalendar library, whose next release brings the next year: after an
update the same questions are asked again and may be answered otherwise.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import lru_cache
from typing import Protocol

import chinese_calendar

ONE_DAY = timedelta(days=1)
_SATURDAY = 5


class Source(Protocol):
    """Where the published years come from; a test may stand in another one by `using`."""

    def is_published(self, year: int) -> bool:
        """Whether the year's holidays and make-up days are known."""
        ...

    def is_working_day(self, day: date) -> bool:
        """Whether the day is worked; asked only for days of published years."""
        ...


class _Notices:
    """The years that the installed chinesecalendar knows (its 1.11.0: 2004 to 2026)."""

    # The library looks through all its holidays at every question: 0.1 ms, too slow for a board of clocks.
    @lru_cache(maxsize=400)  # noqa: B019 - one instance, for the life of the process
    def is_published(self, year: int) -> bool:
        try:
            chinese_calendar.is_workday(date(year, 1, 1))
        except NotImplementedError:
            return False
        return True

    @lru_cache(maxsize=20_000)  # noqa: B019
    def is_working_day(self, day: date) -> bool:
        return bool(chinese_calendar.is_workday(day))


_source: Source = _Notices()


@contextmanager
def using(source: Source) -> Iterator[None]:
    """Count on another calendar inside the block, process-wide, as `clock.travel` does with time."""
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before


def is_published(year: int) -> bool:
    """Whether the national calendar of this year is known; otherwise its days go by weekday."""
    return _source.is_published(year)


def is_working_day(day: date) -> bool:
    """Whether offices work on this day.

    Holidays are off and make-up Saturdays and Sundays (调休) are worked, by the State Council's notice;
    in a year without one, Monday to Friday are worked.
    """
    if _source.is_published(day.year):
        return _source.is_working_day(day)
    return day.weekday() < _SATURDAY


def is_settled(day: date) -> bool:
    """Whether no notice to come can change the answer for this day.

    A day of an unpublished year is not settled, nor are 28 to 31 December of the last published one: the
    notice of the year that follows may still make them holidays or make-up days, as that of 2019 did with
    29 to 31 December 2018.
    """
    if not _source.is_published(day.year):
        return False
    return (day.month, day.day) < (12, 28) or _source.is_published(day.year + 1)


def working_days_between(start: date, end: date) -> int:
    """How many working days lie after `start`, up to and including `end`.

    Negative when `end` is before `start`: the working days after `end` up to and including `start`.
    """
    if end < start:
        return -working_days_between(end, start)
    return sum(is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))
