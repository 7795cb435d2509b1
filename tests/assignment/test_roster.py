"""M6 through the API: the roster of a day, changes, hand-overs with a receipt, stand-ins."""

from datetime import timedelta

import pytest

from tests.assignment.desk import TOWNSHIP, plan

OTHER = "420324203"  # leader-1 too, so that leader-1 may give one of the two away


def change(desk, *entries, status=201, post="head", version=None):
    version = desk.get("head", "/api/roster")["version"] if version is None else version
    return desk.post(post, "/api/roster/changes", status, version=version, entries=list(entries))


def line(leader="leader-2", first="2026-03-10", **changes):
    return {
        "township": TOWNSHIP,
        "leader": leader,
        "office": "office-2",
        "team": "team-4",
        "valid_from": first,
    } | changes


def on(desk, day, township=TOWNSHIP, post="clerk-1"):
    entries = desk.get(post, f"/api/roster?on={day}")["entries"]
    return next(e for e in entries if e["township"] == township)


def test_the_county_begins_with_its_roster(desk):
    roster = desk.get("liaison-police", "/api/roster")
    assert roster["on"] == "2026-03-10"
    assert len(roster["entries"]) == 15
    assert on(desk, "2026-03-10")["leader"] == "leader-1"
    assert desk.get("clerk-1", "/api/roster?on=2025-12-31")["entries"] == []


def test_a_change_takes_effect_on_its_day_and_keeps_the_history(desk):
    made = change(desk, line(first="2026-04-01"))
    assert made["entries"][0]["decided_by"] == "head"
    assert on(desk, "2026-03-31")["leader"] == "leader-1"
    assert on(desk, "2026-04-01")["leader"] == "leader-2"
    history = desk.get("clerk-1", f"/api/roster/history?township={TOWNSHIP}")
    assert [(h["leader"], h["valid_from"], h["valid_until"]) for h in history] == [
        ("leader-1", "2026-01-01", "2026-03-31"),
        ("leader-2", "2026-04-01", None),
    ]
    (event,) = desk.events("roster.changed")
    assert event == {
        "township": TOWNSHIP,
        "leader": "leader-2",
        "office": "office-2",
        "team": "team-4",
        "valid_from": "2026-04-01",
    }


def test_a_planned_line_is_corrected_by_one_with_the_same_day(desk):
    change(desk, line(first="2026-04-01"))
    change(desk, line("leader-3", first="2026-04-01"))
    assert on(desk, "2026-04-01")["leader"] == "leader-3"
    replaced = [h for h in desk.get("head", "/api/roster/history") if h["replaced_at"]]
    assert [h["leader"] for h in replaced] == ["leader-2"]


def test_a_gap_is_refused_and_named_and_nothing_is_half_done(desk):
    answer = change(desk, line(valid_until="2026-03-20"), status=422)
    assert answer["detail"] == (
        f"Township {TOWNSHIP} would have nobody from 2026-03-21 on. Add a line that begins then."
    )
    assert "entries.0.valid_until" in answer["errors"]
    assert on(desk, "2026-03-10")["leader"] == "leader-1"
    assert desk.events("roster.changed") == []


def test_no_leader_is_left_without_a_township(desk):
    change(desk, line())
    answer = change(desk, line(township=OTHER), status=422)
    assert "leader-1 would answer for no township from 2026-03-10 on" in answer["detail"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"township": "420324999"}, "entries.0.township"),
        ({"leader": "office-1"}, "entries.0.leader"),
        ({"office": "trial-office"}, "entries.0.office"),
        ({"team": "team-99"}, "entries.0.team"),
    ],
)
def test_unknown_codes_are_named(desk, wrong, field):
    assert field in change(desk, line(**wrong), status=422)["errors"]


def test_a_township_twice_for_one_day(desk):
    assert "named twice" in change(desk, line(), line("leader-3"), status=422)["detail"]


def test_a_stale_version_changes_nothing(desk):
    change(desk, line(), version=1)
    assert change(desk, line("leader-3"), version=1, status=409)["type"].endswith("changed")
    assert on(desk, "2026-03-10")["leader"] == "leader-2"


@pytest.mark.parametrize("post", ["clerk-1", "leader-1", "office-1-a", "township-420324100", "operator-1"])
def test_only_head_and_supervisor_change_the_roster(desk, post):
    change(desk, line(), status=403, post=post)


def test_open_cases_are_handed_over_on_the_day_with_a_receipt(desk, move):
    case = desk.open()
    desk.step("leader-1", case, "plan", **plan())
    change(desk, line(first="2026-03-12"))
    desk.run()
    assert desk.case(case)["leader"] == "leader-1"
    move(timedelta(days=2))
    desk.run()
    found = desk.case(case, "office-2-a")
    assert (found["leader"], found["office"], found["team"]) == ("leader-2", "office-2", "team-4")
    assert (found["state"], found["plan_version"]) == ("handling", 1)
    (event,) = desk.events("case.rerouted")
    assert (event["reason"], event["leader"], event["excluded"]) == ("roster_change", "leader-2", [])
    desk.get("office-1-b", f"/api/cases/{case['id']}", 404)

    assert found["hand_overs"][0]["received_at"] is None
    desk.step("office-1-a", case, "receipt", 403)  # a member of the plan still, but no longer its office
    desk.step("office-2-b", case, "receipt", 200)
    (hand_over,) = desk.case(case)["hand_overs"]
    assert (hand_over["leader_before"], hand_over["leader"]) == ("leader-1", "leader-2")
    assert hand_over["received_by"] == "office-2-b"
    desk.step("leader-2", case, "receipt", 404)


def test_the_hand_over_is_made_once(desk, move):
    desk.open()
    change(desk, line())
    desk.run()
    desk.run()
    assert len(desk.events("case.rerouted")) == 1


def test_closed_cases_and_other_townships_stay(desk):
    elsewhere = desk.open(township=OTHER)
    change(desk, line())
    desk.run()
    assert desk.case(elsewhere)["leader"] == "leader-1"
    assert desk.events("case.rerouted") == []


def test_a_line_replaced_on_its_own_day_hands_over_again(desk):
    change(desk, line())
    case = desk.open()
    assert case["leader"] == "leader-2"
    change(desk, line("leader-3"))
    desk.run()
    assert desk.case(case)["leader"] == "leader-3"


def stand_in(desk, status=201, **changes):
    body = {
        "leader": "leader-1",
        "stand_in": "leader-5",
        "valid_from": "2026-03-10",
        "valid_until": "2026-03-12",
        "version": desk.get("head", "/api/roster")["version"],
    } | changes
    return desk.post("supervisor-1", "/api/roster/stand-ins", status, **body)


def test_a_stand_in_acts_while_the_leader_is_away_and_the_case_stays_the_leaders(desk, move):
    case = desk.open()
    desk.get("leader-5", f"/api/cases/{case['id']}", 404)
    recorded = stand_in(desk)
    assert desk.get("clerk-1", "/api/roster/stand-ins")[0] == recorded["stand_in"]
    assert [c["id"] for c in desk.cases("leader-5")] == [case["id"]]
    desk.step("leader-5", case, "plan", **plan())
    assert desk.case(case)["leader"] == "leader-1"
    assert desk.case(case)["history"][-1]["by"] == "leader-5"
    move(timedelta(days=3))
    assert desk.cases("leader-5") == []
    desk.get("leader-5", f"/api/cases/{case['id']}", 404)


def test_a_stand_in_who_is_complained_of_sees_nothing(desk):
    desk.open(excluded=["leader-5"])
    stand_in(desk)
    assert desk.cases("leader-5") == []


def test_a_stand_in_is_ended_when_the_leader_is_back(desk):
    desk.open()
    recorded = stand_in(desk)
    path = f"/api/roster/stand-ins/{recorded['stand_in']['id']}/end"
    ended = desk.post("head", path, 200, version=recorded["version"])
    assert desk.cases("leader-5") == []
    assert desk.post("head", path, 409, version=ended["version"])["type"].endswith("out-of-order")
    stand_in(desk)  # the days are free again


def test_stand_ins_that_cannot_be(desk):
    assert "leader" in stand_in(desk, 422, leader="office-1")["errors"]
    stand_in(desk)
    assert "valid_from" in stand_in(desk, 422, stand_in="leader-6")["errors"]
    missing = "/api/roster/stand-ins/00000000-0000-4000-8000-000000000000/end"
    desk.post("head", missing, 404, version=desk.get("head", "/api/roster")["version"])
