"""M8: a handler recuses their unit, others take over, and why is on file for few."""

from tests.assignment.desk import plan
from tests.assignment.test_cases import seats


def recuse(desk, post, case, status=204):
    return desk.step(post, case, "recusal", status, reason="与被反映人系近亲属")


def test_an_office_recuses_itself_and_sees_it_no_more(desk):
    case = desk.open()
    desk.step("leader-1", case, "plan", **plan())
    recuse(desk, "office-1-a", case)
    found = desk.case(case)
    assert found["office"] != "office-1"
    assert seats(found)[::2] == ("leader-1", "team-1")
    assert (found["state"], found["plan_version"]) == ("open", None)
    for post in ("office-1-a", "office-1-b"):
        assert desk.cases(post) == []
        desk.get(post, f"/api/cases/{case['id']}", 404)
    (event,) = desk.events("case.rerouted")
    assert (event["reason"], event["excluded"], event["office"]) == (
        "recusal",
        ["office-1"],
        found["office"],
    )
    (why,) = desk.get("head", f"/api/cases/{case['id']}/recusals")
    assert (why["unit"], why["by"], why["reason"]) == ("office-1", "office-1-a", "与被反映人系近亲属")
    assert "近亲属" not in str(desk.events("case.rerouted")) + str(found)


def test_the_reason_is_for_head_and_supervisor(desk):
    case = desk.open()
    recuse(desk, "team-1", case)
    desk.get("supervisor-1", f"/api/cases/{case['id']}/recusals")
    for post in ("clerk-1", "leader-1", "office-1-a"):
        desk.get(post, f"/api/cases/{case['id']}/recusals", 403)


def test_a_recused_member_without_a_seat_takes_the_plan_along(desk):
    case = desk.open()
    members = [
        {"post": "office-1-a", "duty": "牵头", "responsible": True},
        {"post": "office-4-a", "duty": "协助"},
    ]
    desk.step("leader-1", case, "plan", **plan(members=members))
    assert [c["id"] for c in desk.cases("office-4-a")] == [case["id"]]
    recuse(desk, "office-4-a", case)
    found = desk.case(case)
    assert (found["state"], found["office"], found["hand_overs"]) == ("open", "office-1", [])
    assert desk.events("case.rerouted")[0]["excluded"] == ["office-4"]


def test_who_is_not_in_the_case_cannot_recuse(desk):
    case = desk.open()
    recuse(desk, "office-2-a", case, 404)
    recuse(desk, "township-420324100", case, 403)  # sees it, holds no seat
    recuse(desk, "clerk-1", case, 403)


def test_a_recusal_that_would_leave_nobody_is_refused_whole(desk):
    case = desk.open(excluded=[f"team-{n}" for n in range(2, 9)])
    answer = recuse(desk, "team-1", case, 409)
    assert "name a team" in answer["detail"]
    assert desk.case(case, "team-1")["team"] == "team-1"
    assert desk.get("head", f"/api/cases/{case['id']}/recusals") == []
