"""M9: no plan until all five are there; each change is a version with its reason."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.assignment.plan.rules import Circumstances, Member, NewPlan, check_plan
from shared.calendar import after_days, is_working_day
from shared.contracts.supervision import ClockMovedV1, ClockStartedV1
from shared.errors import Invalid
from tests.assignment.desk import NOON, plan

TODAY = date(2026, 3, 10)
UNITS = {"a": "office-1", "b": "team-1", "c": "office-9", "d": "leader-1"}
GOOD = (Member("a", "x", responsible=True), Member("b", "y"))


def faults(new, **changes):
    now = Circumstances(**({"today": TODAY, "last_day": None, "units": UNITS} | changes))
    try:
        check_plan(new, now)
    except Invalid as error:
        return set(error.fields)
    return set()


def test_all_five_make_a_plan():
    assert faults(NewPlan(TODAY, "resolved", GOOD)) == set()


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ((), "members"),
        ((Member("a", "x"),), "members"),
        ((Member("a", "x", True), Member("b", "y", True)), "members"),
        ((Member("a", "x", True), Member("a", "y")), "members"),
        ((Member("a", " ", True),), "members.0.duty"),
        ((Member("a", "x", True), Member("nobody", "y")), "members.1.post"),
    ],
)
def test_the_team_is_named_with_one_responsible_and_a_duty_each(members, field):
    assert faults(NewPlan(TODAY, "resolved", members)) == {field}


def test_quality_and_reason():
    assert faults(NewPlan(TODAY, "  ", GOOD)) == {"quality"}
    assert faults(NewPlan(TODAY, "ok", GOOD), is_change=True) == {"reason"}
    assert faults(NewPlan(TODAY, "ok", GOOD, reason="why"), is_change=True) == set()


def test_the_excluded_and_those_who_handled_before_are_no_members():
    assert faults(NewPlan(TODAY, "ok", GOOD), excluded={"team-1"}) == {"members.1.post"}
    assert faults(NewPlan(TODAY, "ok", GOOD), handled_before={"a"}) == {"members.0.post"}
    assert faults(NewPlan(TODAY, "ok", GOOD), barred_units={"office-1"}) == {"members.0.post"}


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.none() | st.dates(TODAY, date(2026, 12, 31)))
def test_the_time_limit_is_a_working_day_from_today_to_the_last_day(due_on, last_day):
    stands = not faults(NewPlan(due_on, "ok", GOOD), last_day=last_day)
    assert stands == (due_on >= TODAY and is_working_day(due_on) and (last_day is None or due_on <= last_day))


def fix(desk, case, status=201, post="leader-1", **changes):
    return desk.step(post, case, "plan", status, **plan(**changes))


def test_a_plan_is_fixed_and_changed_by_a_version(desk):
    case = desk.open()
    fixed = fix(desk, case)
    assert (fixed["state"], fixed["plan_version"]) == ("handling", 1)
    assert "reason" in fix(desk, case, 422, due_on="2026-04-17")["errors"]
    fix(desk, case, post="office-1-b", due_on="2026-04-17", reason="待鉴定结论")
    first, second = desk.case(case)["plans"]
    assert (first["due_on"], second["due_on"], second["reason"]) == ("2026-04-10", "2026-04-17", "待鉴定结论")
    assert [m["responsible"] for m in second["members"]] == [True, False]
    assert [(e["plan_version"], e["members"]) for e in desk.events("plan.fixed")] == [(1, 2), (2, 2)]
    assert second["leader"] == "leader-1"


@pytest.mark.parametrize("missing", ["due_on", "quality", "members"])
def test_without_one_of_the_five_there_is_no_plan(desk, missing):
    case = desk.open()
    body = plan()
    del body[missing]
    assert missing in desk.step("leader-1", case, "plan", 422, **body)["errors"]
    assert desk.case(case)["plan_version"] is None


def test_leader_and_office_fix_it_and_no_others(desk):
    case = desk.open()
    fix(desk, case, 403, post="team-1")
    fix(desk, case, 403, post="township-420324100")
    fix(desk, case, 404, post="leader-2")
    fix(desk, case, 403, post="head")


def test_an_excluded_post_is_refused_like_one_that_does_not_exist(desk):
    case = desk.open(excluded=["office-3"])
    texts = [
        fix(desk, case, 422, members=[{"post": post, "duty": "查", "responsible": True}])["errors"]
        for post in ("office-3-a", "nobody", "clerk-1")
    ]
    assert texts[0] == texts[1] == texts[2]


def start_clock(desk, case, started=TODAY, due=date(2026, 5, 9), **changes):
    return {
        "petition_id": case["petition_id"],
        "number": case["number"],
        "clock_id": uuid4(),
        "duty": "handling",
        "holder": "office-1",
        "due_on": due,
        "started_on": started,
        "provisional": False,
    } | changes


def moved(clock_data, due, at):
    kept = {k: clock_data[k] for k in ("petition_id", "number", "clock_id", "duty", "holder")}
    return kept | {"due_on": due, "first_due_on": clock_data["due_on"], "reason": "extension", "moved_at": at}


def test_the_last_day_is_the_one_of_supervisions_clock(desk):
    case = desk.open()
    last = after_days(TODAY, 60).due_on
    started = start_clock(desk, case, due=last)
    desk.again(desk.feed(ClockStartedV1, **started))
    assert desk.case(case)["handling_due_on"] == last.isoformat()
    late = (last + timedelta(days=1)).isoformat()
    assert "article 34" in fix(desk, case, 422, due_on=late)["errors"]["due_on"][0]
    extended = after_days(last, 30).due_on
    desk.feed(ClockMovedV1, **moved(started, extended, NOON + timedelta(hours=2)))
    desk.feed(ClockMovedV1, **moved(started, last, NOON + timedelta(hours=1)))  # older, comes later
    assert desk.case(case)["handling_due_on"] == extended.isoformat()
    fix(desk, case, due_on=extended.isoformat())


def test_the_clocks_events_in_reverse_order_give_the_same_day(desk):
    case = desk.open()
    started = start_clock(desk, case)
    desk.feed(ClockMovedV1, **moved(started, date(2026, 6, 8), NOON))
    desk.feed(ClockStartedV1, **started)
    assert desk.case(case)["handling_due_on"] == "2026-06-08"


def test_other_clocks_and_other_procedures_set_no_last_day(desk):
    case = desk.open()
    other = desk.open(procedure="discipline", category="accusation")
    desk.feed(ClockStartedV1, **start_clock(desk, case, duty="plan", due=date(2026, 3, 20)))
    desk.feed(ClockStartedV1, **start_clock(desk, other))
    assert desk.case(case)["handling_due_on"] is None
    assert desk.case(other)["handling_due_on"] is None


def test_a_plan_for_a_closed_case_is_out_of_order(desk):
    from tests.assignment.test_closing import closed

    case = closed(desk)
    answer = fix(desk, case, 409, reason="再办")
    assert "new round" in answer["detail"]


def test_a_day_off_is_refused(desk):
    case = desk.open()
    assert "due_on" in fix(desk, case, 422, due_on="2026-04-05")["errors"]  # Qingming
    assert "due_on" in fix(desk, case, 422, due_on="2026-03-09")["errors"]
