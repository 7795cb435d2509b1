"""From an event to the day on which its term ends.

The Civil Code (民法典) says how: the day of the event is not counted (article 201), a term in months ends
on the same day of the month, or on its last (202), and one that ends on a day off ends on the next
working day (203).
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from shared.calendar.days import ONE_DAY, is_settled, is_working_day


@dataclass(frozen=True)
class Term:
    """The end of a term.

    due_on: the last day on which the duty is done in time, always a working day.
    provisional: a day that decided it is not covered by a published calendar yet; when it is, count again.
    """

    due_on: date
    provisional: bool


def after_days(start: date, days: int) -> Term:
    """The term of `days` calendar days (日, at least 1) after an event on `start`.

    民法典 201, 203: `start` is not counted; ending on a day off, it ends on the next working day.
    Raises ValueError when `days` is less than 1.
    """
    return _end_on_working_day(start + timedelta(days=_at_least_one(days)))


def after_months(start: date, months: int) -> Term:
    """The term of `months` months (月, at least 1) after an event on `start`.

    民法典 201-203: it ends on the day of that month with the number of `start`, on the month's last day
    where there is none (30 January, one month: the end of February), or on the next working day.
    Raises ValueError when `months` is less than 1.
    """
    years, month = divmod(start.month - 1 + _at_least_one(months), 12)
    year, month = start.year + years, month + 1
    return _end_on_working_day(date(year, month, min(start.day, monthrange(year, month)[1])))


def after_working_days(start: date, days: int) -> Term:
    """The term of `days` working days (工作日, at least 1) after an event on `start`.

    民法典 201: `start` is not counted, whether it was worked or not; the term ends on the last working
    day counted. Raises ValueError when `days` is less than 1.
    """
    left, day, settled = _at_least_one(days), start, True
    while left:
        day += ONE_DAY
        settled = settled and is_settled(day)
        left -= is_working_day(day)
    return Term(day, provisional=not settled)


def _end_on_working_day(day: date) -> Term:
    settled = is_settled(day)
    while not is_working_day(day):
        day += ONE_DAY
        settled = settled and is_settled(day)
    return Term(day, provisional=not settled)


def _at_least_one(length: int) -> int:
    if length < 1:
        raise ValueError("a term is at least 1 long; what is due at once has no term")
    return length
