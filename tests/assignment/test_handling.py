"""The handling record: only with a plan, only what was done, never altered."""

from uuid import uuid4

import pytest

from tests.assignment.desk import entry, plan


@pytest.fixture
def case(desk):
    opened = desk.open()
    desk.step("leader-1", opened, "plan", **plan())
    return opened


def add(desk, case, status=201, post="office-1-a", **changes):
    return desk.step(post, case, "handling", status, **entry(**changes))


def test_entries_are_kept_in_their_order(desk, case):
    add(desk, case, post="office-1-a")
    add(desk, case, post="team-1", kind="visit", occurred_on="2026-03-05", text="实地查看")
    add(desk, case, post="leader-1", kind="meeting", text="会商")
    found = desk.case(case)["handling"]
    assert [(e["kind"], e["by"], e["unit"]) for e in found] == [
        ("contact", "office-1-a", "office-1"),
        ("visit", "team-1", "team-1"),
        ("meeting", "leader-1", "leader-1"),
    ]
    events = desk.events("handling.recorded")
    assert [e["entry_id"] for e in events] == [e["id"] for e in found]
    assert set(events[0]) == {"petition_id", "number", "case_id", "entry_id", "kind", "occurred_on"}


def test_a_plan_comes_first(desk):
    opened = desk.open()
    assert "Fix the five-fixed plan first" in add(desk, opened, 409)["detail"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"occurred_on": "2026-03-11"}, "occurred_on"),
        ({"occurred_on": "2026-03-01"}, "occurred_on"),
        ({"text": "  "}, "text"),
        ({"text": "长" * 20_001}, "text"),
        ({"kind": "sanction"}, "kind"),
        ({"corrects": str(uuid4())}, "corrects"),
    ],
)
def test_what_cannot_be_is_named(desk, case, changes, field):
    assert field in add(desk, case, 422, **changes)["errors"]
    assert desk.case(case)["handling"] == []
    assert desk.events("handling.recorded") == []


def test_a_correction_is_a_new_entry_that_names_the_old(desk, case):
    add(desk, case, text="三月九日")
    (first,) = desk.case(case)["handling"]
    add(desk, case, text="应为三月十日", corrects=first["id"])
    old, new = desk.case(case)["handling"]
    assert old == first
    assert new["corrects"] == first["id"]


def test_an_entry_of_another_case_cannot_be_corrected(desk, case):
    add(desk, case)
    other = desk.open()
    desk.step("leader-1", other, "plan", **plan())
    foreign = desk.case(case)["handling"][0]["id"]
    assert "corrects" in add(desk, other, 422, corrects=foreign)["errors"]


def test_who_may_write(desk, case):
    add(desk, case, 403, post="township-420324100")  # reads only
    add(desk, case, 404, post="office-2-a")
    add(desk, case, 403, post="clerk-1")


def test_a_township_named_in_the_plan_takes_part(desk):
    case = desk.open()
    members = [
        {"post": "office-1-a", "duty": "牵头", "responsible": True},
        {"post": "township-420324100", "duty": "陪同走访"},
    ]
    desk.step("leader-1", case, "plan", **plan(members=members))
    add(desk, case, post="township-420324100", kind="visit")
    assert desk.case(case)["handling"][0]["unit"] == "township-420324100"


def test_emoji_and_rare_characters_are_kept(desk, case):
    add(desk, case, text="𠀀𪚥 👨‍👩‍👧 ok")
    assert desk.case(case)["handling"][0]["text"] == "𠀀𪚥 👨‍👩‍👧 ok"
