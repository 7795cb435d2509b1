"""What is due in a case, by supervision's clocks: whatever order its events come in, and whose case it is."""

from datetime import date, timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.assignment.duties.models import DutyClock
from services.assignment.duties.rules import OF_A_CASE, Due, due_key, next_due
from shared.contracts.intake import PetitionWithdrawnV1
from shared.contracts.supervision import ClockMovedV1, ClockStartedV1, ClockStoppedV1
from tests.alone import made
from tests.assignment.desk import NOON, plan


def clock_of(case, duty="handling", due="2026-05-09", **changes):
    return {
        "petition_id": case["petition_id"],
        "number": case["number"],
        "clock_id": uuid4(),
        "duty": duty,
        "holder": "office-1",
        "due_on": date.fromisoformat(due),
    } | changes


def start(desk, clock):
    desk.feed(ClockStartedV1, **clock, started_on=date(2026, 3, 10), provisional=False)


def stop(desk, clock, **changes):
    desk.feed(ClockStoppedV1, **(clock | changes), stopped_on=date(2026, 3, 10), done=True, late=False)


def due(desk, case, post="head"):
    found = desk.case(case, post)
    return found["next_duty"], found["next_due_on"]


def test_what_is_due_first_is_next_and_what_is_done_is_no_more(desk, move):
    case = desk.open()
    assert due(desk, case) == (None, None)
    handling, planning = clock_of(case), clock_of(case, "plan", "2026-03-20", holder="leader-1")
    start(desk, handling)
    start(desk, planning)
    assert due(desk, case) == ("plan", "2026-03-20")
    move(timedelta(hours=1))
    stop(desk, planning)
    assert due(desk, case) == ("handling", "2026-05-09")
    stop(desk, handling)
    assert due(desk, case) == (None, None)


def test_intakes_own_duties_are_not_the_cases(desk):
    case = desk.open()
    start(desk, clock_of(case, "decision", "2026-03-12"))
    start(desk, clock_of(case, "receipt", "2026-03-13"))
    assert due(desk, case) == (None, None)
    with desk.db.read() as session:
        assert session.query(DutyClock).count() == 0


def test_a_clock_that_comes_before_its_case_waits_for_it(desk):
    case = {"petition_id": uuid4(), "number": "ZX2026-000001"}
    start(desk, clock_of(case, "instruction", "2026-03-18"))
    opened = desk.open(petition_id=case["petition_id"])
    assert (opened["next_duty"], opened["next_due_on"]) == ("instruction", "2026-03-18")


def test_a_date_that_moves_makes_no_step_stale(desk):
    case = desk.open()
    start(desk, clock_of(case, "plan", "2026-03-20"))
    desk.step("leader-1", case, "plan", stale=True, **plan())


def events_of_a_clock(case):
    """Started, extended, handed over, each later than the one before, as supervision says them."""
    clock = clock_of(case)
    start_ = made(
        ClockStartedV1, case["petition_id"], **clock, started_on=date(2026, 3, 10), provisional=False
    )
    moves = [
        made(
            ClockMovedV1,
            case["petition_id"],
            **(clock | {"due_on": day, "holder": holder}),
            first_due_on=clock["due_on"],
            reason=reason,
            moved_at=NOON + timedelta(hours=hour),
        )
        for hour, day, holder, reason in (
            (1, date(2026, 6, 8), "office-1", "extension"),
            (2, date(2026, 6, 8), "office-2", "handover"),
        )
    ]
    return [start_, *moves]


def test_every_order_of_a_clocks_events_ends_alike(desk, move):
    for order in permutations(range(3)):
        case = desk.open()
        events = events_of_a_clock(case)
        for place in (*order, order[0]):
            desk.again(events[place])
        assert due(desk, case) == ("handling", "2026-06-08")
        with desk.db.read() as session:
            (found,) = session.query(DutyClock).filter_by(petition_id=UUID(case["petition_id"]))
            assert (found.holder, found.started_on) == ("office-2", date(2026, 3, 10))


def test_a_stop_is_not_taken_back_by_an_older_move_but_by_a_newer_one(desk, move):
    case = desk.open()
    started, extended, handed_over = events_of_a_clock(case)
    desk.again(started)
    move(timedelta(hours=1, minutes=30))
    clock = started.load() | {}
    known = {k: clock[k] for k in ("petition_id", "number", "clock_id", "duty", "holder", "due_on")}
    stop(desk, known)
    desk.again(extended)  # older than the stop
    assert due(desk, case) == (None, None)
    desk.again(handed_over)  # newer: it runs again
    assert due(desk, case) == ("handling", "2026-06-08")


def test_lists_are_sorted_by_what_is_due_and_filtered_by_late(desk, move):
    cases = [desk.open() for _ in range(4)]
    assigned = desk.open(superior_assigned=True)
    days = ["2026-04-01", "2026-03-20", "2026-03-12", None]
    for case, day in zip(cases, days, strict=True):
        if day:
            start(desk, clock_of(case, "plan", day))
    start(desk, clock_of(assigned, "plan", "2026-04-20"))
    page = desk.client("head").get("/cases", headers={"Accept": "text/html"}).text
    expected = [assigned, cases[2], cases[1], cases[0], cases[3]]
    places = [page.index(f">{case['number']}<") for case in expected]
    assert places == sorted(places)
    assert desk.cases("head", "?late=true") == []
    move(timedelta(days=3))
    assert [c["number"] for c in desk.cases("head", "?late=true")] == [cases[2]["number"]]
    assert cases[2]["number"] not in [c["number"] for c in desk.cases("head", "?late=false")]


def test_who_is_excluded_sees_no_day_of_it(desk):
    case = desk.open(excluded=["office-1"])
    start(desk, clock_of(case, "plan", "2026-03-12"))
    for path in ("/cases", "/desk/part", f"/petitions/{case['petition_id']}/part"):
        page = desk.client("office-1-a").get(path, headers={"Accept": "text/html"}).text
        assert case["number"] not in page
        assert "2026-03-12" not in page


def test_what_is_withdrawn_leaves_no_clock(desk):
    case = desk.open()
    start(desk, clock_of(case))
    desk.feed(PetitionWithdrawnV1, petition_id=case["petition_id"], number=case["number"], withdrawn_at=NOON)
    start(desk, clock_of(case, "plan"))
    with desk.db.read() as session:
        assert session.query(DutyClock).count() == 0


days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
dues = st.builds(Due, on=days, duty=st.sampled_from(OF_A_CASE))


@given(st.lists(dues, max_size=5))
def test_next_is_the_first_day(running):
    found = next_due(running)
    assert (found is None) == (running == [])
    if found:
        assert found in running
        assert all(found.on <= other.on for other in running)


@given(st.none() | dues, st.none() | dues, st.booleans())
def test_the_key_sorts_as_the_days_do(one, other, assigned):
    first, second = (
        due_key(each, f"ZX2026-00000{n}", superior_assigned=assigned) for n, each in ((1, one), (2, other))
    )
    far = date.max
    assert (first < second) == ((one.on if one else far) <= (other.on if other else far))


@pytest.mark.parametrize(("assigned", "first"), [(True, True), (False, False)])
def test_what_a_superior_assigned_is_put_first(assigned, first):
    late, early = Due(date(2026, 9, 1), "plan"), Due(date(2026, 3, 1), "plan")
    one = due_key(late, "ZX2026-000001", superior_assigned=assigned)
    assert (one < due_key(early, "ZX2026-000002", superior_assigned=False)) is first
