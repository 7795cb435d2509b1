"""M6: whatever is changed, each township has exactly one leader on every day, and each leader a township."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.assignment.roster.rules import Absence, Span, changed, check_absence
from shared.errors import Invalid

START = date(2026, 1, 1)
LEADERS = ("l1", "l2", "l3")
FIRST = [Span("t1", "l1", "o1", "m1", START), Span("t2", "l2", "o1", "m1", START),
         Span("t3", "l3", "o2", "m2", START), Span("t4", "l1", "o2", "m2", START)]  # fmt: skip


def day(n: int) -> date:
    return START + timedelta(days=n)


def span(township: str, leader: str, first: int, last: int | None = None) -> Span:
    return Span(township, leader, "o9", "m9", day(first), None if last is None else day(last))


def change(current: Sequence[Span], *new: Span, today: int = 0) -> list[Span]:
    return changed(current, new, leaders=LEADERS, today=day(today))


spans = st.builds(
    lambda township, leader, first, length: span(
        township, leader, first, None if length is None else first + length
    ),
    st.sampled_from(["t1", "t2", "t3", "t4"]),
    st.sampled_from(LEADERS),
    st.integers(0, 40),
    st.none() | st.integers(-1, 15),
)


@settings(max_examples=300)
@given(st.lists(st.tuples(st.lists(spans, min_size=1, max_size=4), st.integers(0, 30)), max_size=12))
def test_any_accepted_changes_leave_one_line_per_township_and_a_township_per_leader(changes):
    roster = list(FIRST)
    for new, today in changes:
        if len({(s.township, s.valid_from) for s in new}) < len(new):
            continue
        try:
            roster = change(roster, *new, today=today)
        except Invalid:
            continue
        assert set(new) & set(roster), "an accepted change is in the roster"
    for n in range(80):
        holding = [s for s in roster if s.covers(day(n))]
        assert sorted(s.township for s in holding) == ["t1", "t2", "t3", "t4"]
        assert {s.leader for s in holding} == set(LEADERS)


@given(st.lists(spans, min_size=1, max_size=3), st.integers(0, 40))
def test_days_before_a_change_stay_as_they_were(new, before):
    if len({(s.township, s.valid_from) for s in new}) < len(new):
        return
    first = min(s.valid_from for s in new)
    try:
        roster = change(FIRST, *new)
    except Invalid:
        return
    for n in range(min(before, (first - START).days)):
        assert {(s.township, s.leader) for s in roster if s.covers(day(n))} == {
            (s.township, s.leader) for s in FIRST
        }


def test_a_change_ends_the_line_before_and_keeps_it():
    roster = change(FIRST, span("t1", "l2", 10))
    own = [s for s in roster if s.township == "t1"]
    assert [(s.leader, s.valid_from, s.valid_until) for s in own] == [
        ("l1", day(0), day(9)),
        ("l2", day(10), None),
    ]


def test_a_line_with_the_same_first_day_takes_the_place_of_the_known_one():
    planned = change(FIRST, span("t1", "l2", 10))
    corrected = change(planned, span("t1", "l3", 10), today=5)
    assert [s.leader for s in corrected if s.township == "t1"] == ["l1", "l3"]


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ([span("t1", "l1", 10, 20)], "Township t1 would have nobody from 2026-01-22 on"),
        (
            [span("t1", "l1", 10, 20), span("t1", "l1", 25)],
            "Township t1 would have nobody from 2026-01-22 to 2026-01-25",
        ),
        (
            [span("t1", "l1", 10, 20), span("t1", "l1", 15)],
            None,
        ),
        ([span("t2", "l1", 10)], "l2 would answer for no township from 2026-01-11 on"),
        (
            [span("t2", "l1", 10, 19), span("t2", "l2", 20)],
            "l2 would answer for no township from 2026-01-11 to 2026-01-20",
        ),
        ([span("t1", "l1", 10, 9)], "The last day lies before the first"),
    ],
)
def test_gaps_and_idle_leaders_are_named(new, message):
    if message is None:
        assert change(FIRST, *new)
        return
    with pytest.raises(Invalid, match=message):
        change(FIRST, *new)


def test_an_overlap_with_a_later_line_is_named():
    planned = change(FIRST, span("t1", "l2", 20))
    with pytest.raises(Invalid, match="Township t1 would have two leaders from 2026-01-21 on"):
        change(planned, span("t1", "l3", 10))
    assert change(planned, span("t1", "l3", 10, 19))


def test_yesterday_is_not_changed():
    with pytest.raises(Invalid, match="takes effect today or later"):
        change(FIRST, span("t1", "l2", 10), today=11)
    assert change(FIRST, span("t1", "l2", 10), today=10)


def test_leaders_may_swap_in_one_change():
    roster = change(FIRST, span("t2", "l3", 10), span("t3", "l2", 10))
    assert {s.leader for s in roster if s.covers(day(10))} == set(LEADERS)


def away(leader: str, stand_in: str, first: int, last: int) -> Absence:
    return Absence(leader, stand_in, day(first), day(last))


@pytest.mark.parametrize(
    ("new", "message"),
    [
        (away("l1", "l1", 0, 5), "cannot stand in for themselves"),
        (away("l1", "l2", -1, 5), "today or later"),
        (away("l1", "l2", 5, 4), "last day lies before"),
        (away("l1", "l3", 8, 12), "Somebody stands in"),
        (away("l3", "l1", 8, 12), "away themselves"),
        (away("l2", "l3", 8, 12), "they stand in for somebody"),
    ],
)
def test_absences_that_cannot_be(new, message):
    with pytest.raises(Invalid, match=message):
        check_absence(new, [away("l1", "l2", 10, 20)], today=START)


def test_absences_that_follow_each_other():
    check_absence(away("l1", "l3", 21, 25), [away("l1", "l2", 10, 20)], today=START)
    check_absence(away("l2", "l1", 1, 9), [away("l1", "l2", 10, 20)], today=START)
