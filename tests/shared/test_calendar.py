"""Terms against a naive reference, the rules of the Civil Code and days known from the notices."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.calendar import (
    Term,
    after_days,
    after_months,
    after_working_days,
    is_published,
    is_working_day,
    using,
    working_days_between,
)

DAY = timedelta(days=1)
days = st.dates(date(2003, 6, 1), date(2029, 12, 31))
published_days = st.dates(date(2004, 1, 1), date(2025, 12, 31))
lengths = st.integers(1, 120)


class Published:
    """A calendar in which the given years are published, with the given days off on weekdays."""

    def __init__(self, years: set[int], off: set[date]) -> None:
        self.years, self.off = years, off

    def is_published(self, year: int) -> bool:
        return year in self.years

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.off


def worked(day: date) -> bool:
    """The reference: the library itself, or the weekday."""
    try:
        return chinese_calendar.is_workday(day)
    except NotImplementedError:
        return day.isoweekday() <= 5


def next_worked(day: date) -> date:
    return next(d for d in (day + DAY * n for n in range(40)) if worked(d))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 10, 1), False),  # National Day week
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),  # a Saturday worked for it
        (date(2026, 9, 20), True),  # and a Sunday
        (date(2026, 2, 14), True),  # a Saturday worked for the Spring Festival
        (date(2026, 2, 16), False),  # a Monday of it
        (date(2026, 10, 11), False),
        (date(2020, 1, 31), False),  # the Spring Festival prolonged in 2020
        (date(2018, 12, 29), True),  # by the notice of 2019
        (date(2018, 12, 31), False),
        (date(2031, 10, 1), True),  # unpublished: a Wednesday
        (date(2031, 10, 4), False),
    ],
)
def test_known_days(day: date, works: bool) -> None:
    assert is_working_day(day) is works


def test_published_years_are_those_the_library_knows() -> None:
    assert [is_published(year) for year in (2003, 2004, 2026)] == [False, True, True]
    assert not is_published(2031)


@given(days)
def test_every_day_agrees_with_the_reference(day: date) -> None:
    assert is_working_day(day) == worked(day)


@given(days, lengths)
def test_days_agree_with_the_reference(start: date, length: int) -> None:
    assert after_days(start, length).due_on == next_worked(start + DAY * length)


@given(days, lengths)
def test_working_days_agree_with_the_reference(start: date, length: int) -> None:
    ahead = [d for d in (start + DAY * n for n in range(1, 400)) if worked(d)]
    assert after_working_days(start, length).due_on == ahead[length - 1]


@given(days, days)
def test_between_agrees_with_the_reference(one: date, other: date) -> None:
    start, end = sorted((one, other))
    count = sum(worked(start + DAY * n) for n in range(1, (end - start).days + 1))
    assert working_days_between(start, end) == count
    assert working_days_between(end, start) == -count


@given(days, days, days)
def test_between_adds_up(one: date, two: date, three: date) -> None:
    assert working_days_between(one, two) + working_days_between(two, three) == working_days_between(
        one, three
    )


@given(days, lengths)
def test_between_undoes_after_working_days(start: date, length: int) -> None:
    assert working_days_between(start, after_working_days(start, length).due_on) == length


@given(days, lengths, lengths)
def test_working_days_add_up(start: date, first: int, second: int) -> None:
    stopover = after_working_days(start, first).due_on
    assert after_working_days(stopover, second).due_on == after_working_days(start, first + second).due_on


@given(days, st.integers(0, 60), lengths, st.sampled_from([after_days, after_working_days, after_months]))
def test_due_dates_are_worked_later_and_never_fall_back(start: date, later: int, length: int, after) -> None:
    due = after(start, length).due_on
    assert worked(due)
    assert due > start
    assert after(start + DAY * later, length).due_on >= due
    assert after(start, length + 1).due_on >= due


@given(st.dates(date(2004, 1, 1), date(2020, 12, 31)), st.integers(1, 48))
def test_months_end_on_the_same_number_or_the_last_day(start: date, months: int) -> None:
    month = (start.year * 12 + start.month - 1) + months
    first = date(month // 12, month % 12 + 1, 1)
    last = next(first + DAY * n for n in range(27, 32) if (first + DAY * (n + 1)).month != first.month)
    nominal = min(first.replace(day=1) + DAY * (start.day - 1), last)
    assert after_months(start, months).due_on == next_worked(nominal)


@pytest.mark.parametrize(
    ("term", "due_on"),
    [
        (after_days(date(2026, 9, 30), 1), date(2026, 10, 8)),  # ends in National Day week
        (after_days(date(2026, 9, 25), 15), date(2026, 10, 10)),  # ends on a make-up Saturday: stays
        (after_working_days(date(2026, 9, 30), 3), date(2026, 10, 10)),  # 8, 9 and the Saturday
        (after_working_days(date(2026, 10, 1), 1), date(2026, 10, 8)),  # begins on a day off
        (after_days(date(2024, 2, 28), 1), date(2024, 2, 29)),  # leap day
        (after_days(date(2023, 2, 28), 1), date(2023, 3, 1)),
        (after_months(date(2024, 1, 31), 1), date(2024, 2, 29)),
        (after_months(date(2023, 1, 31), 1), date(2023, 2, 28)),
        (after_months(date(2024, 2, 29), 12), date(2025, 2, 28)),
        (after_months(date(2025, 10, 31), 3), date(2026, 2, 2)),  # Saturday 31 January, over the year
        (after_months(date(2025, 11, 28), 1), date(2025, 12, 29)),  # ends on a Sunday
        (after_working_days(date(2025, 12, 31), 1), date(2026, 1, 4)),  # a make-up Sunday
        (after_days(date(2025, 12, 2), 30), date(2026, 1, 4)),  # ends on New Year's Day
    ],
)
def test_known_terms(term: Term, due_on: date) -> None:
    assert term == Term(due_on, provisional=False)


@given(published_days, st.integers(1, 30), st.sampled_from([after_days, after_working_days]))
def test_terms_within_published_years_are_final(start: date, length: int, after) -> None:
    assert not after(start, length).provisional


@given(
    st.dates(date(2035, 1, 1), date(2090, 1, 1)), lengths, st.sampled_from([after_days, after_working_days])
)
def test_terms_within_unpublished_years_are_provisional(start: date, length: int, after) -> None:
    assert after(start, length).provisional


def test_only_days_that_decide_make_a_term_provisional() -> None:
    with using(Published({2030}, off=set())):
        assert after_days(date(2029, 12, 1), 60) == Term(date(2030, 1, 30), provisional=False)
        assert after_working_days(date(2029, 12, 3), 40).provisional  # walked through December 2029
        assert not after_working_days(date(2029, 12, 31), 10).provisional
        assert after_days(date(2030, 12, 1), 40).provisional


def test_a_roll_into_an_unpublished_year_is_provisional() -> None:
    with using(Published({2026, 2027}, off={date(2027, 12, 31)})):
        assert after_days(date(2027, 12, 1), 30) == Term(date(2028, 1, 3), provisional=True)


def test_the_end_of_the_last_published_year_is_provisional() -> None:
    # The notice of the year to come may still move it, as it did for 31 December 2018.
    with using(Published({2026}, off=set())):
        assert not after_days(date(2026, 12, 1), 23).provisional
        assert after_days(date(2026, 12, 1), 30) == Term(date(2026, 12, 31), provisional=True)
    with using(Published({2026, 2027}, off=set())):
        assert not after_days(date(2026, 12, 1), 30).provisional


def test_a_year_that_is_published_later_changes_the_answer() -> None:
    start = date(2031, 9, 30)
    assert after_working_days(start, 1) == Term(date(2031, 10, 1), provisional=True)
    with using(Published({2031}, off={date(2031, 10, n) for n in range(1, 8)})):
        assert after_working_days(start, 1) == Term(date(2031, 10, 8), provisional=False)
    assert after_working_days(start, 1).provisional


def test_the_calendar_comes_back_after_an_error() -> None:
    with pytest.raises(RuntimeError), using(Published(set(), off=set())):
        assert not is_published(2026)
        raise RuntimeError
    assert is_published(2026)


@pytest.mark.parametrize("after", [after_days, after_working_days, after_months])
@pytest.mark.parametrize("length", [0, -1])
def test_a_term_is_at_least_one_long(after, length: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        after(date(2026, 1, 5), length)
