"""M14: two levels check, the petitioner is told and rates, and others handle it again."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.assignment.closing.rules import NewReply, check_reply
from shared.errors import Invalid, OutOfOrder
from tests.assignment.desk import entry, plan, proposal


def handled(desk, **changes):
    """A case with a plan and a contact in its record."""
    case = desk.open(**changes)
    desk.step("leader-1", case, "plan", **plan())
    desk.step("office-1-a", case, "handling", **entry())
    return case


def proposed(desk, **changes):
    case = handled(desk, **changes)
    desk.step("office-1-a", case, "closing", **proposal())
    return case


def check(desk, post, case, level, status=201, *, passed=True, **body):
    return desk.step(post, case, "checks", status, level=level, passed=passed, **body)


def closed(desk, **changes):
    case = proposed(desk, **changes)
    check(desk, "office-1-b", case, 1)
    check(desk, "leader-1", case, 2)
    return case


def test_a_case_is_closed_by_two_levels(desk):
    case = closed(desk)
    found = desk.case(case)
    assert (found["state"], found["outcome"]) == ("closed", "upheld")
    (closing,) = found["closings"]
    assert [(c["level"], c["passed"], c["by"]) for c in closing["checks"]] == [
        (1, True, "office-1-b"),
        (2, True, "leader-1"),
    ]
    assert desk.events("closing.proposed")[0]["outcome"] == "upheld"
    assert [e["level"] for e in desk.events("closing.checked")] == [1, 2]
    assert [(e["round"], e["outcome"]) for e in desk.events("case.closed")] == [(1, "upheld")]
    assert [h["what"] for h in found["history"]] == [
        "opened",
        "plan_fixed",
        "handling_recorded",
        "closing_proposed",
        "first_check_passed",
        "second_check_passed",
    ]


def test_nobody_checks_what_they_proposed(desk):
    case = proposed(desk)
    assert "Somebody else checks it" in check(desk, "office-1-a", case, 1, 403)["detail"]
    assert desk.case(case)["state"] == "proposed"
    check(desk, "trial-a", case, 1)
    assert desk.case(case)["state"] == "checked"


def test_each_level_has_its_checkers(desk):
    case = proposed(desk)
    check(desk, "leader-1", case, 1, 403)
    check(desk, "office-2-a", case, 1, 404)
    check(desk, "leader-1", case, 2, 409)
    check(desk, "trial-b", case, 1)
    check(desk, "office-1-b", case, 2, 403)
    check(desk, "leader-2", case, 2, 404)
    check(desk, "deputy", case, 2)  # of the leader's unit
    assert desk.case(case)["state"] == "closed"


def test_a_stand_in_makes_the_second_check(desk):
    from tests.assignment.test_roster import stand_in

    case = proposed(desk)
    check(desk, "office-1-b", case, 1)
    stand_in(desk)
    check(desk, "leader-5", case, 2)
    assert desk.case(case)["state"] == "closed"


@pytest.mark.parametrize("level", [1, 2])
def test_either_level_sends_back_with_reasons(desk, level):
    case = proposed(desk)
    post = "office-1-b"
    if level == 2:
        check(desk, post, case, 1)
        post = "leader-1"
    assert "reasons" in check(desk, post, case, level, 422, passed=False, reasons=" ")["errors"]
    check(desk, post, case, level, passed=False, reasons="缺少回访记录")
    found = desk.case(case)
    assert found["state"] == "handling"
    assert found["closings"][0]["checks"][-1]["reasons"] == "缺少回访记录"
    assert desk.events("closing.checked")[-1]["passed"] is False
    assert "缺少" not in str(desk.events("closing.checked"))
    desk.step("office-1-b", case, "closing", **proposal(outcome="explained"))
    check(desk, "office-1-b", case, 1, 403)
    check(desk, "office-1-a", case, 1)
    check(desk, "leader-1", case, 2)
    assert desk.case(case)["outcome"] == "explained"


def test_steps_out_of_order_say_what_to_do(desk):
    opened = desk.open()
    assert "plan first" in desk.step("office-1-a", opened, "closing", 409, **proposal())["detail"]
    case = proposed(desk)
    assert "first check" in desk.step("office-1-b", case, "closing", 409, **proposal())["detail"]
    assert "first check" in desk.step("office-1-a", case, "handling", 409, **entry())["detail"]
    check(desk, "office-1-b", case, 1)
    assert "leader's check" in check(desk, "trial-a", case, 1, 409)["detail"]
    check(desk, "leader-1", case, 2)
    for answer in (
        check(desk, "leader-1", case, 2, 409),
        desk.step("office-1-a", case, "closing", 409, **proposal()),
    ):
        assert answer["type"].endswith("out-of-order")
        assert "The case is closed" in answer["detail"]
    assert len(desk.events("case.closed")) == 1


def test_no_closing_without_a_word_with_the_petitioner(desk):
    case = desk.open()
    desk.step("leader-1", case, "plan", **plan())
    desk.step("office-1-a", case, "handling", **entry(kind="evidence"))
    answer = desk.step("office-1-a", case, "closing", 409, **proposal(why_not_met="没有联系上"))
    assert "contact with the petitioner" in answer["detail"]
    desk.step("office-1-a", case, "handling", **entry(kind="visit"))
    desk.step("office-1-a", case, "closing", **proposal())


def test_of_an_anonymous_petition_the_reason_is_given(desk):
    case = desk.open(signature="anonymous")
    desk.step("leader-1", case, "plan", **plan())
    assert "why_not_met" in desk.step("office-1-a", case, "closing", 422, **proposal())["errors"]
    desk.step("office-1-a", case, "closing", **proposal(why_not_met="匿名件，无联系方式"))
    assert desk.case(case)["closings"][0]["why_not_met"] == "匿名件，无联系方式"


@pytest.mark.parametrize(
    ("wrong", "field"), [({"outcome": "guilty"}, "outcome"), ({"conclusion": " "}, "conclusion")]
)
def test_a_wrong_proposal(desk, wrong, field):
    case = handled(desk)
    assert field in desk.step("office-1-a", case, "closing", 422, **proposal(**wrong))["errors"]
    desk.step("team-1", case, "closing", 403, **proposal())
    assert desk.case(case)["state"] == "handling"


def test_the_trial_office_sees_what_is_to_be_checked_and_no_more(desk):
    case = handled(desk)
    assert desk.cases("trial-a") == []
    desk.step("office-1-a", case, "closing", **proposal())
    assert [c["id"] for c in desk.cases("trial-a")] == [case["id"]]


def reply(desk, case, status=201, post="office-1-a", **changes):
    body = {"round": 1, "means": "in_person", "replied_on": "2026-03-10"} | changes
    return desk.step(post, case, "replies", status, **body)


def test_the_reply_comes_after_the_closing_and_once(desk):
    case = handled(desk)
    assert "not closed" in reply(desk, case, 409)["detail"]
    case = closed(desk)
    reply(desk, case, post="clerk-1")
    assert "on record already" in reply(desk, case, 409)["detail"]
    assert "not closed" in reply(desk, case, 409, round=2)["detail"]
    (event,) = desk.events("reply.given")
    assert (event["round"], event["means"], event["replied_on"]) == (1, "in_person", "2026-03-10")


def test_declined_is_recorded(desk):
    case = closed(desk)
    reply(desk, case, means="declined")
    assert desk.case(case)["replies"][0]["means"] == "declined"


def test_unreachable_has_its_tries_and_a_reply_may_still_come_through(desk, move):
    case = closed(desk)
    assert "tried_on" in reply(desk, case, 422, means="unreachable")["errors"]
    assert "tried_on" in reply(desk, case, 422, tried_on=["2026-03-10"])["errors"]
    move(timedelta(days=3))
    tries = ["2026-03-12", "2026-03-11"]
    reply(desk, case, means="unreachable", replied_on="2026-03-12", tried_on=tries)
    assert desk.case(case)["replies"][0]["tried_on"] == sorted(tries)
    reply(desk, case, means="call", replied_on="2026-03-13")
    assert [e["means"] for e in desk.events("reply.given")] == ["unreachable", "call"]


DAYS = st.dates(date(2026, 3, 1), date(2026, 3, 31))


@given(DAYS, st.lists(DAYS, max_size=3), st.none() | DAYS, st.sampled_from(["in_person", "unreachable"]))
def test_a_reply_lies_between_closing_and_today(replied_on, tried_on, closed_on, means):
    new = NewReply(1, means, replied_on, tried_on)
    today = date(2026, 3, 20)
    days = [replied_on, *tried_on]
    right = (
        closed_on is not None
        and all(closed_on <= day <= today for day in days)
        and (bool(tried_on) == (means == "unreachable"))
    )
    try:
        check_reply(new, closed_on=closed_on, means_before=set(), today=today)
        assert right
    except (Invalid, OutOfOrder):
        assert not right
