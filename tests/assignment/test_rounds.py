"""M14: who is dissatisfied is heard again, by others than those who handled it."""

import pytest

from shared.contracts.intake import PetitionRatedV1
from tests.assignment.desk import NOON, entry, plan, proposal
from tests.assignment.test_closing import check, closed, handled, proposed, reply
from tests.assignment.test_roster import change, line


def rate(desk, case, rating="dissatisfied", round=1):
    return desk.feed(
        PetitionRatedV1,
        petition_id=case["petition_id"],
        number=case["number"],
        rating=rating,
        round=round,
        rated_at=NOON,
    )


def test_who_is_satisfied_is_left_alone(desk):
    case = closed(desk)
    rate(desk, case, "satisfied")
    assert desk.case(case)["state"] == "closed"
    assert desk.case(case)["ratings"][0]["rating"] == "satisfied"


def test_dissatisfied_it_is_handled_again_by_others(desk):
    case = closed(desk)
    desk.again(rate(desk, case))
    found = desk.case(case)
    assert (found["state"], found["round"], found["outcome"]) == ("open", 2, None)
    assert found["office"] != "office-1"
    assert found["team"] != "team-1"  # a member of the first plan
    assert found["leader"] == "leader-1"  # who answers for the township, and did not handle it
    assert len(found["handling"]) == len(found["closings"]) == 1  # the first round's evidence
    (event,) = desk.events("case.reopened")
    assert (event["round"], event["reason"], event["office"]) == (2, "dissatisfied", found["office"])
    assert desk.cases("office-1-a") == []


def test_a_leader_who_took_part_in_the_handling_is_followed_by_another(desk):
    case = handled(desk)
    desk.step("leader-1", case, "handling", **entry(kind="visit"))
    desk.step("office-1-a", case, "closing", **proposal())
    check(desk, "office-1-b", case, 1)
    check(desk, "leader-1", case, 2)
    rate(desk, case)
    assert desk.case(case)["leader"] == "leader-2"


def second_round(desk):
    case = closed(desk)
    rate(desk, case)
    found = desk.case(case)
    return found, f"{found['office']}-a", f"{found['office']}-b"


def test_nobody_of_the_first_round_is_in_the_second_plan(desk):
    case, desk_a, _ = second_round(desk)
    for post in ("office-1-a", "office-1-b", "team-1"):
        members = [
            {"post": desk_a, "duty": "牵头", "responsible": True},
            {"post": post, "duty": "协助"},
        ]
        answer = desk.step("leader-1", case, "plan", 422, **plan(members=members, reason="重新复核"))
        assert "members.1.post" in answer["errors"]


def finish(desk, case, desk_a, desk_b):
    members = [{"post": desk_a, "duty": "牵头", "responsible": True}]
    desk.step("leader-1", case, "plan", **plan(members=members, reason="重新复核"))
    answer = desk.step(desk_a, case, "closing", 409, **proposal())
    assert "in this round" in answer["detail"]  # the first round's contact does not count
    desk.step(desk_a, case, "handling", **entry())
    desk.step(desk_a, case, "closing", **proposal(outcome="settled"))
    check(desk, desk_b, case, 1)
    check(desk, "leader-1", case, 2)


def test_the_second_round_closes_and_a_third_has_a_third_office(desk):
    case, desk_a, desk_b = second_round(desk)
    finish(desk, case, desk_a, desk_b)
    assert [(e["round"], e["outcome"]) for e in desk.events("case.closed")] == [
        (1, "upheld"),
        (2, "settled"),
    ]
    reply(desk, case, post="clerk-1", round=2)
    rate(desk, case, round=1)  # late word on the first round changes nothing
    assert desk.case(case)["state"] == "closed"
    rate(desk, case, round=2)
    found = desk.case(case)
    assert found["round"] == 3
    assert found["office"] not in ("office-1", case["office"])


def test_a_change_of_the_roster_does_not_bring_the_first_office_back(desk):
    case, _, _ = second_round(desk)
    change(desk, line("leader-2", office="office-1", team="team-1"))
    desk.run()
    found = desk.case(case)
    assert (found["leader"], found["office"], found["team"]) == ("leader-2", case["office"], case["team"])


def test_the_reply_of_the_first_round_may_come_in_the_second(desk):
    case, desk_a, _ = second_round(desk)
    reply(desk, case, post=desk_a, round=1)
    assert desk.events("reply.given")[0]["round"] == 1


@pytest.mark.parametrize("reason", ["new_evidence", "ordered"])
def test_the_head_has_it_handled_again(desk, reason):
    case = closed(desk)
    desk.step("head", case, "reopening", reason=reason)
    assert desk.events("case.reopened")[0]["reason"] == reason
    assert "no plan" in desk.step("head", case, "reopening", 409, reason=reason)["detail"]
    desk.step("head", case, "reopening", 422, reason="dissatisfied")
    desk.step("supervisor-1", case, "reopening", 403, reason=reason)


def test_a_recusal_while_a_closing_is_checked_begins_with_the_plan(desk):
    case = proposed(desk)
    check(desk, "office-1-b", case, 1)
    desk.step("leader-1", case, "recusal", 204, reason="系同学关系")
    found = desk.case(case)
    assert (found["state"], found["leader"]) == ("open", "leader-2")
    check(desk, "leader-2", case, 2, 409)
    assert desk.events("case.closed") == []
