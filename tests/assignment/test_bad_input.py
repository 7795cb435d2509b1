"""Whatever is sent, the answer says what to do: never a 5xx, nothing half done."""

from uuid import uuid4

import pytest

from tests.assignment.desk import entry, plan, proposal

STEPS = {
    "plan": ("leader-1", plan()),
    "handling": ("office-1-a", entry()),
    "closing": ("office-1-a", proposal()),
    "checks": ("office-1-b", {"level": 1, "passed": True}),
    "replies": ("clerk-1", {"round": 1, "means": "call", "replied_on": "2026-03-10"}),
    "recusal": ("office-1-a", {"reason": "有利害关系"}),
    "receipt": ("office-1-a", {}),
    "reopening": ("head", {"reason": "ordered"}),
}


@pytest.mark.parametrize("step", STEPS)
def test_each_step_needs_the_version_that_was_read(desk, step):
    case = desk.open()
    post, body = STEPS[step]
    path = f"/api/cases/{case['id']}/{step}"
    assert "version" in desk.post(post, path, 422, **body)["errors"]
    assert desk.post(post, path, 409, version=case["version"] + 1, **body)["type"].endswith("changed")
    assert desk.case(case) == {**desk.case(case), "state": "open", "version": case["version"]}


@pytest.mark.parametrize("step", STEPS)
def test_a_case_that_does_not_exist(desk, step):
    post, body = STEPS[step]
    desk.post(post, f"/api/cases/{uuid4()}/{step}", 404, version=1, **body)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("post", ["operator-1", "liaison-police", "supervisor-1"])
def test_who_takes_no_steps(desk, step, post):
    case = desk.open()
    desk.step(post, case, step, 403, **STEPS[step][1])


@pytest.mark.parametrize("bad", ["\x00", " \u200b\n", ""])
def test_texts_of_which_nothing_is_left(desk, bad):
    case = desk.open()
    answer = desk.step("leader-1", case, "plan", 422, **plan(quality=bad))
    assert list(answer["errors"]) == ["quality"]


def test_days_outside_of_our_time(desk):
    case = desk.open()
    assert "due_on" in desk.step("leader-1", case, "plan", 422, **plan(due_on="9999-12-31"))["errors"]
    version = desk.get("head", "/api/roster")["version"]
    line = {
        "township": "420324100",
        "leader": "leader-1",
        "office": "office-1",
        "team": "team-1",
        "valid_from": "2026-03-10",
        "valid_until": "9999-12-31",
    }
    answer = desk.post("head", "/api/roster/changes", 422, version=version, entries=[line])
    assert "entries.0.valid_until" in answer["errors"]


def test_an_unknown_field_is_named(desk):
    case = desk.open()
    answer = desk.step("leader-1", case, "plan", 422, **plan(leader="leader-9"))
    assert "leader" in answer["errors"]


def test_codes_in_filters_are_codes(desk):
    for query in ("township=%00", "leader=%00", "leader=Leader-1"):
        desk.get("head", f"/api/cases?{query}", 422)
    desk.get("head", "/api/roster/history?township=%00", 422)
