"""Events arrive in any order and any number of times: the clocks are those of the true order."""

from dataclasses import asdict
from datetime import date, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from services.supervision.clocks.course import course
from services.supervision.clocks.models import Clock, Holding
from services.supervision.clocks.rules import Counting, last_day, levels_reached, light, turns_on
from services.supervision.matters.models import Fact, Matter
from services.supervision.matters.rules import Story
from services.supervision.terms.rules import CALENDAR_DAYS, MONTHS, WORKING_DAYS
from shared import calendar
from tests.supervision.desk import NOON, SEATS, Petition

A, B = UUID(int=1), UUID(int=2)
DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))
UNITS = st.sampled_from([CALENDAR_DAYS, WORKING_DAYS, MONTHS])
ONE_DAY = timedelta(days=1)


def long_way(procedure):
    """Transferred and sent back, accepted, handed over, recused, closed, reopened, closed late."""
    p = Petition(procedure=procedure)
    return [
        p.registered(0),
        p.instructed(0.2, date(2026, 3, 20), instruction_id=A),
        p.transferred(1, A),
        p.returned(9, A),
        p.instructed(9.5, date(2026, 4, 20), instruction_id=B, amends=A),
        p.accepted(10),
        p.opened(10.01),
        p.planned(12, date(2026, 4, 10)),
        p.rerouted(15, "roster_change", leader="leader-2"),
        p.planned(16, date(2026, 4, 20), 2),
        p.rerouted(20, "recusal", leader="leader-3", office="office-3"),
        p.rerouted(22, "recusal", leader="leader-3", office="office-4"),
        p.planned(25, date(2026, 5, 20), 3),
        p.closed(80),
        p.replied(110),
        p.reopened(112),
        p.rerouted(113, "stand_in", leader="leader-4", office="office-2"),
        p.planned(115, date(2026, 7, 20), 4),
        p.closed(130, 2),
        p.replied(131, 2),
    ]


STREAMS = {procedure: long_way(procedure) for procedure in ("petition", "discipline")}


def clocks_after(desk, events):
    """Handle events and give what came of it, then forget it all."""
    desk.feed_together(events)
    fields = ("duty", "ref", "started_on", "first_due_on", "due_on", "planned_on", "holder", "state")
    ended = ("stopped_on", "done", "late")
    found = [
        {name: getattr(row, name) for name in (*fields, *ended)}
        | {"holdings": [(h.unit, h.since, h.until) for h in row.holdings]}
        for row in desk.rows()
    ]
    with desk.db.write() as session:
        for table in (Holding, Clock, Fact, Matter):
            session.execute(delete(table))
    return sorted(found, key=lambda row: (row["duty"], row["ref"]))


@pytest.mark.parametrize("procedure", STREAMS)
def test_backwards_or_twice_gives_the_same_clocks(desk, procedure):
    events = STREAMS[procedure]
    expected = clocks_after(desk, events)
    assert {row["duty"] for row in expected} == {
        "decision",
        "receipt",
        "instruction",
        "plan",
        "handling",
        "reply",
    }
    assert any(row["late"] for row in expected)
    assert clocks_after(desk, events[::-1]) == expected
    assert clocks_after(desk, events + events) == expected
    later_plan_first = [*events[5:7], events[17], *events[:5], *events[7:17], *events[18:]]
    assert clocks_after(desk, later_plan_first) == expected


@pytest.mark.parametrize("procedure", STREAMS)
@pytest.mark.parametrize("backwards", [False, True])
def test_a_plan_in_the_very_instant_of_the_closing_belongs_before_it(desk, procedure, backwards):
    p = Petition(procedure=procedure)
    events = [p.registered(0), p.accepted(1), p.opened(1.01), p.planned(5, date(2026, 4, 10)), p.closed(5)]
    for event in reversed(events) if backwards else events:
        desk.feed(event)
    plan, handling = (next(c for c in desk.rows() if c.duty == duty) for duty in ("plan", "handling"))
    assert (plan.done, handling.done) == (True, True)
    assert handling.planned_on == date(2026, 4, 10)


@pytest.mark.slow
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_gives_the_same_clocks_and_the_same_lateness(desk, data):
    events = STREAMS[data.draw(st.sampled_from(sorted(STREAMS)))]
    expected = clocks_after(desk, events)
    assert clocks_after(desk, data.draw(st.permutations(events))) == expected


@given(st.permutations(range(6)))
def test_the_story_is_told_alike_whatever_came_first(order):
    kinds = ["registered", "accepted", "opened", "planned", "closed", "reopened"]
    facts = [_fact(kind, day) for day, kind in enumerate(kinds)]
    told = [asdict(duty) for duty in course(Story(facts), "petition-office")]
    shuffled = [asdict(duty) for duty in course(Story([facts[i] for i in order]), "petition-office")]
    assert shuffled == told


def _fact(kind, day):
    ref = {"closed": "1", "reopened": "2", "planned": "1"}.get(kind, "")
    said = {"organ": "commission", "signature": "real_name", "superior_assigned": False}
    said |= {"received_on": "2026-03-10", "township": "420324100", "procedure": "petition"}
    said |= {"category": "appeal", "due_on": "2026-04-10", **SEATS}
    return SimpleNamespace(kind=kind, ref=ref, at=NOON + day * ONE_DAY, data=said)


@given(DAYS, UNITS, st.integers(1, 60), st.integers(1, 90))
def test_an_extension_never_shortens_and_ends_on_a_working_day(start, unit, length, days):
    length = length % 12 + 1 if unit == MONTHS else length
    plain = last_day(Counting(unit, length, start))
    extended = last_day(Counting(unit, length, start, extended_days=days))
    assert extended.due_on >= plain.due_on + days * ONE_DAY
    assert calendar.is_working_day(plain.due_on) and calendar.is_working_day(extended.due_on)


PAUSES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=3)


@given(DAYS, UNITS, st.integers(1, 60), PAUSES)
def test_pauses_move_the_last_day_by_their_time(start, unit, length, pauses):
    length = length % 12 + 1 if unit == MONTHS else length
    plain = last_day(Counting(unit, length, start)).due_on
    spells, day = [], start
    for wait, lasts in pauses:
        since = day + wait * ONE_DAY
        day = since + lasts * ONE_DAY
        spells.append(SimpleNamespace(paused_on=since, resumed_on=day))
    moved = last_day(Counting(unit, length, start, pauses=spells)).due_on
    if unit == WORKING_DAYS:
        paused = sum(calendar.working_days_between(s.paused_on, s.resumed_on) for s in spells)
        assert calendar.working_days_between(plain, moved) == paused
    else:
        earliest = plain + sum(lasts for _, lasts in pauses) * ONE_DAY
        off = [earliest + n * ONE_DAY for n in range((moved - earliest).days)]
        assert moved >= earliest and not any(calendar.is_working_day(day) for day in off)
    still = [SimpleNamespace(paused_on=start, resumed_on=None)]
    assert last_day(Counting(unit, length, start, pauses=still)).due_on == plain


LIGHTS = [
    SimpleNamespace(light="yellow", duty=None, unit="nth_of_term", length=3),
    SimpleNamespace(light="orange", duty=None, unit="working_days", length=3),
    SimpleNamespace(light="yellow", duty="handling", unit="working_days", length=10),
]


@given(DAYS, st.integers(1, 90), st.sampled_from(["handling", "plan"]))
def test_lights_only_grow_worse_and_levels_come_with_them(start, length, duty):
    due = last_day(Counting(CALENDAR_DAYS, length, start)).due_on
    orange = turns_on(LIGHTS, duty, "orange", start, due)
    yellow = min(turns_on(LIGHTS, duty, "yellow", start, due), orange)
    clock = SimpleNamespace(state="running", due_on=due, yellow_on=yellow, orange_on=orange)
    worse = ["green", "yellow", "orange", "red"]
    days = [start + n * ONE_DAY for n in range((due - start).days + 3)]
    shown = [worse.index(light(clock, day)) for day in days]
    assert shown == sorted(shown)
    assert shown[-1] == 3 and light(clock, due) == "orange"
    assert levels_reached(clock, due) == ["yellow", "orange", "last_day"]
    for day in days:
        near = day <= due and calendar.working_days_between(day, due) <= 3
        assert near == (light(clock, day) == "orange")
