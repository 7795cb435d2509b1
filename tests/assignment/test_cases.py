"""M6 and M8: a case goes to whom the roster names on the day of acceptance, past all who are excluded."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm.exc import StaleDataError

from services.assignment.cases.models import Case
from services.assignment.cases.rules import Candidates, choose
from shared.bus.handlers import TryLater
from shared.contracts.intake import InstructionSignedV1
from tests.assignment.desk import NOON, TOWNSHIP, entry, plan
from tests.assignment.test_roster import change, line

SEATS = ("leader", "office", "team")


def seats(case):
    return tuple(case[seat] for seat in SEATS)


def test_a_case_is_opened_by_the_roster(desk):
    case = desk.open(superior_assigned=True)
    assert seats(case) == ("leader-1", "office-1", "team-1")
    assert (case["state"], case["round"], case["plan_version"]) == ("open", 1, None)
    (event,) = desk.events("case.opened")
    assert event["case_id"] == case["id"]
    assert event["superior_assigned"] is True


def test_the_day_of_acceptance_decides_not_the_day_of_receipt(desk, move):
    change(desk, line(first="2026-03-12"))
    move(timedelta(days=5))
    before = desk.open(accepted_at=NOON)
    after = desk.open(accepted_at=NOON + timedelta(days=2), received_on=date(2026, 3, 1))
    assert before["leader"] == "leader-1"
    assert after["leader"] == "leader-2"
    desk.run()  # and what was opened late is handed over at once
    assert desk.case(before)["leader"] == "leader-2"


def test_the_day_is_the_countys(desk):
    change(desk, line(first="2026-03-12"))
    late_in_utc = datetime(2026, 3, 11, 17, tzinfo=UTC)  # 1 o'clock on the 12th in the county
    assert desk.open(accepted_at=late_in_utc)["leader"] == "leader-2"


def test_the_same_acceptance_twice_opens_one_case(desk):
    petition_id = uuid4()
    desk.accept(petition_id=petition_id, number="ZX2026-000777")
    desk.accept(petition_id=petition_id, number="ZX2026-000777")
    assert len(desk.cases("head")) == len(desk.events("case.opened")) == 1


def test_a_township_that_is_on_no_roster_waits(desk):
    with pytest.raises(TryLater, match="420324999"):
        desk.accept(township="420324999")
    assert desk.cases("head") == []


def test_whom_it_concerns_is_skipped_for_the_same_zone(desk):
    case = desk.open(excluded=["leader-1", "office-1", "team-1", "township-420324100"])
    assert case["leader"] in ("leader-2", "leader-3")
    assert case["team"] in ("team-2", "team-3")
    assert case["office"] == "office-2"  # zone-1 has office-1 only: the first of all that have none


def test_the_one_with_the_fewest_open_cases_then_the_first_by_code(desk):
    first = desk.open(excluded=["leader-1"])
    second = desk.open(excluded=["leader-1"])
    third = desk.open(excluded=["leader-1"])
    assert [c["leader"] for c in (first, second, third)] == ["leader-2", "leader-3", "leader-2"]


def test_when_nobody_of_the_zone_is_left_anybody(desk):
    case = desk.open(excluded=["leader-1", "leader-2", "leader-3"])
    assert case["leader"] == "leader-4"


def test_when_nobody_is_left_at_all_it_waits_to_be_seen(desk):
    with pytest.raises(TryLater, match="name a leader"):
        desk.accept(excluded=[f"leader-{n}" for n in range(1, 10)])
    assert desk.cases("head") == []


@pytest.mark.parametrize(
    "unit", ["leader-1", "office-1", "team-1", "township-420324100", "supervision-office"]
)
def test_the_excluded_see_no_row_no_count_and_no_date(desk, unit):
    post = {"office-1": "office-1-a", "supervision-office": "supervisor-1"}.get(unit, unit)
    seen = desk.open()
    case = desk.open(excluded=[unit])
    assert [c["id"] for c in desk.cases(post)] == [seen["id"]]
    missing = desk.get(post, f"/api/cases/{uuid4()}", 404)
    assert desk.get(post, f"/api/cases/{case['id']}", 404) == missing


def test_a_later_screening_may_exclude_more(desk):
    petition_id = uuid4()
    desk.accept(petition_id=petition_id, number="ZX2026-000777")
    desk.accept(petition_id=petition_id, number="ZX2026-000777", excluded=["leader-1"])
    desk.accept(petition_id=petition_id, number="ZX2026-000777", excluded=["leader-1"])
    (case,) = desk.cases("head")
    assert case["leader"] == "leader-2"
    (event,) = desk.events("case.rerouted")
    assert (event["reason"], event["excluded"]) == ("recusal", ["leader-1"])
    assert desk.cases("leader-1") == []


def test_choose_prefers_the_roster_then_who_has_it():
    candidates = Candidates(near={"b", "c"}, everywhere={"a": 0, "b": 2, "c": 1, "d": 0})
    assert choose("a", "b", set(), candidates) == "a"
    assert choose("a", "b", {"a"}, candidates) == "b"
    assert choose("a", "b", {"a", "b"}, candidates) == "c"
    assert choose("a", None, {"a", "b", "c"}, candidates) == "d"
    assert choose("a", None, {"a", "b", "c", "d"}, candidates) is None


@pytest.mark.parametrize(
    ("post", "sees"),
    [
        ("clerk-1", True),
        ("head", True),
        ("supervisor-1", True),
        ("leader-1", True),
        ("deputy", True),  # of the unit leader-1
        ("office-1-b", True),
        ("team-1", True),
        ("township-420324100", True),
        ("leader-2", False),
        ("office-2-a", False),
        ("team-2", False),
        ("township-420324103", False),
        ("trial-a", False),
    ],
)
def test_scope_of_each_role(desk, post, sees):
    case = desk.open()
    assert [c["id"] for c in desk.cases(post)] == ([case["id"]] if sees else [])
    desk.get(post, f"/api/cases/{case['id']}", 200 if sees else 404)


@pytest.mark.parametrize("post", ["operator-1", "liaison-police"])
def test_operator_and_liaison_see_no_case(desk, post):
    case = desk.open()
    desk.get(post, "/api/cases", 403)
    desk.get(post, f"/api/cases/{case['id']}", 403)


def test_lists_are_filtered_and_paged_by_number(desk):
    for township in (TOWNSHIP, TOWNSHIP, "420324101"):
        desk.open(township=township, superior_assigned=township != TOWNSHIP)
    assert len(desk.cases("head", f"?township={TOWNSHIP}")) == 2
    assert [c["number"] for c in desk.cases("head", "?leader=leader-4")] == ["ZX2026-000003"]
    assert len(desk.cases("head", "?superior_assigned=true")) == 1
    assert desk.cases("head", "?state=closed") == []
    first = desk.get("head", "/api/cases?limit=2")
    rest = desk.get("head", f"/api/cases?limit=2&after={first['next']}")
    assert [c["number"][-1] for c in first["items"] + rest["items"]] == ["3", "2", "1"]
    assert rest["next"] is None
    desk.get("head", "/api/cases?state=withdrawn", 422)


def instruct(desk, petition_id, **changes):
    data = {
        "petition_id": petition_id,
        "number": "ZX2026-000777",
        "instruction_id": uuid4(),
        "addressee": "leader-1",
        "due_on": date(2026, 4, 1),
        "signed_by": "head",
        "on_delegation": False,
        "signed_at": NOON,
    } | changes
    return desk.feed(InstructionSignedV1, **data)


@pytest.mark.parametrize("first", [True, False])
def test_an_instruction_travels_with_the_case_whichever_comes_first(desk, first):
    petition_id = uuid4()
    if first:
        event = instruct(desk, petition_id)
    case = desk.open(petition_id=petition_id, number="ZX2026-000777")
    if not first:
        event = instruct(desk, petition_id)
    desk.again(event)
    (instruction,) = desk.case(case, "office-1-a")["instructions"]
    assert (instruction["addressee"], instruction["due_on"]) == ("leader-1", "2026-04-01")


def test_events_and_history_carry_codes_only(desk):
    case = desk.open(content_class="05")
    desk.step("leader-1", case, "plan", **plan())
    desk.step("office-1-a", case, "handling", **entry(text="当事人张某的电话内容"))
    told = str([desk.events(n) for n in ("case.opened", "plan.fixed", "handling.recorded")])
    history = str(desk.case(case)["history"])
    assert told.isascii()
    assert history.isascii()


def test_two_at_once_on_one_case(desk):
    case = desk.open()
    desk.step("leader-1", case, "plan", stale=True, **plan())
    answer = desk.step("office-1-a", case, "plan", 409, stale=True, **plan(reason="晚了一步"))
    assert answer["type"].endswith("changed")
    assert len(desk.case(case)["plans"]) == 1


def test_a_race_past_the_version_check_is_caught_by_the_database(desk):
    case = desk.open()
    with desk.db.session(read_only=True) as early:
        found = early.get_one(Case, UUID(case["id"]))
        early.expunge(found)
    desk.step("leader-1", case, "plan", **plan())
    found.outcome = "upheld"
    with pytest.raises(StaleDataError), desk.db.write() as session:
        session.add(found)
        session.flush()
