"""M17: an extension or a pause moves the date with the head's approval; the first one stays."""

from datetime import date, timedelta

import pytest

from tests.supervision.desk import Petition


@pytest.fixture
def case(desk):
    petition = Petition()
    for event in (petition.registered(), petition.accepted(1), petition.opened(1.01)):
        desk.feed(event)
    return petition


def ask(desk, clock, what="extension", status=201, post="office-1-a", **body):
    given = {"version": clock["version"], "reasons": "案情复杂，需要补充调查"} | body
    return desk.post(post, f"/api/clocks/{clock['id']}/{what}-requests", status, **given)


def decide(desk, request, status=200, post="head", **body):
    given = {"version": request["version"], "approved": True} | body
    return desk.post(post, f"/api/clock-requests/{request['id']}/decision", status, **given)


def test_handling_is_extended_once_by_at_most_thirty_days(desk, case):
    clock = desk.clock("handling", case)
    refused = ask(desk, clock, status=422, days=31)
    assert "34" in refused["errors"]["days"][0] or "34" in refused["detail"]
    decide(desk, ask(desk, clock, days=30))
    after = desk.clock("handling", case)
    assert (after["first_due_on"], after["due_on"]) == ("2026-05-11", "2026-06-10")
    again = ask(desk, after, status=409, days=5)
    assert "34" in again["detail"]
    moved = desk.events("clock.moved")[-1]
    assert (moved["reason"], moved["due_on"], moved["first_due_on"]) == (
        "extension",
        "2026-06-10",
        "2026-05-11",
    )


def test_other_duties_are_not_extended(desk, case):
    clock = desk.clock("plan", case)
    assert "M9" in ask(desk, clock, status=409, post="leader-1", days=5)["detail"]


def test_only_the_head_approves_and_refuses_with_reasons(desk, case):
    clock = desk.clock("handling", case)
    request = ask(desk, clock, days=10)
    decide(desk, request, 403, post="leader-1")
    decide(desk, request, 422, approved=False)
    refused = decide(desk, request, approved=False, reasons="理由不充分")
    assert refused["state"] == "refused"
    assert desk.clock("handling", case)["due_on"] == clock["due_on"]
    decide(desk, refused, 409)
    ask(desk, desk.clock("handling", case), days=10)  # and it may be asked for again


def test_others_do_not_ask(desk, case):
    clock = desk.clock("handling", case)
    ask(desk, clock, status=404, post="office-2-a", days=10)
    ask(desk, clock, status=403, post="clerk-1", days=10)
    ask(desk, clock, status=403, post="team-1", days=10)
    ask(desk, clock, status=409, version=clock["version"] + 1, days=10)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reasons": "a\x00bc"}, "reasons"),
        ({"reasons": "短"}, "reasons"),
        ({"days": 0}, "days"),
        ({"days": "soon"}, "days"),
        ({"version": 0}, "version"),
    ],
)
def test_a_wrong_field_is_named(desk, case, wrong, field):
    answer = ask(desk, desk.clock("handling", case), status=422, **{"days": 5} | wrong)
    assert list(answer["errors"]) == [field]


def test_one_request_at_a_time(desk, case):
    clock = desk.clock("handling", case)
    ask(desk, clock, days=10)
    ask(desk, clock, status=409, days=20)


def test_what_is_late_is_not_extended_afterwards(desk, case, move):
    request = ask(desk, desk.clock("handling", case), days=30)
    move(timedelta(days=70))
    desk.run()
    decide(desk, request, 409)
    assert desk.clock("handling", case)["late"] is True


def test_the_petitioner_is_told_of_an_extension(desk, case, move):
    request = decide(desk, ask(desk, desk.clock("handling", case), days=30))
    move(timedelta(days=2))
    path = f"/api/clock-requests/{request['id']}/notice"
    desk.post("office-1-a", path, 422, version=request["version"], told_on="2026-03-01")
    told = desk.post("office-1-a", path, 200, version=request["version"], told_on="2026-03-11")
    assert told["told_on"] == "2026-03-11"


def test_a_pause_moves_the_last_day_by_its_time(desk, case, move):
    clock = desk.clock("handling", case)
    decide(desk, ask(desk, clock, "pause", reason="hearing"))
    paused = desk.clock("handling", case)
    assert (paused["state"], paused["light"]) == ("paused", "paused")
    move(timedelta(days=80))
    desk.run()
    assert desk.events("clock.warned", "clock.expired") == [] or all(
        e["duty"] != "handling" for e in desk.events("clock.warned", "clock.expired")
    )
    resumed = desk.post(
        "office-1-a",
        f"/api/clocks/{clock['id']}/resume",
        200,
        version=desk.clock("handling", case)["version"],
    )
    assert (resumed["first_due_on"], resumed["due_on"]) == ("2026-05-11", "2026-07-30")
    assert resumed["state"] == "running"
    assert [e["reason"] for e in desk.events("clock.moved") if e["duty"] == "handling"][-2:] == [
        "pause",
        "pause",
    ]


def test_closing_while_it_is_paused_counts_the_pause(desk, case, move):
    decide(desk, ask(desk, desk.clock("handling", case), "pause", reason="appraisal"))
    move(timedelta(days=70))
    desk.feed(case.planned(2, date(2026, 4, 10)))
    desk.feed(case.closed(70))
    clock = desk.clock("handling", case)
    assert (clock["state"], clock["late"], clock["stopped_on"]) == ("stopped", False, "2026-05-19")
    assert clock["pauses"][0]["resumed_on"] == "2026-05-19"


def test_who_is_excluded_sees_no_clock_no_count_and_no_request(desk):
    petition = Petition(excluded=["office-1", "township-420324100"])
    for event in (petition.registered(), petition.accepted(1), petition.opened(1.01, office="office-2")):
        desk.feed(event)
    request = ask(desk, desk.clock("handling", petition), post="office-2-a", days=10)
    for post in ("office-1-a", "township-420324100"):
        assert desk.clocks(post) == []
        assert desk.get(post, "/api/clocks/summary")["holders"] == []
        assert desk.get(post, "/api/clock-requests")["items"] == []
    assert desk.get("office-2-a", "/api/clock-requests?state=pending")["items"][0]["id"] == request["id"]


def test_requests_come_in_pages_the_newest_first(desk, move):
    asked = []
    for _ in range(3):
        petition = Petition()
        for event in (petition.registered(), petition.accepted(1), petition.opened(1.01)):
            desk.feed(event)
        asked.append(ask(desk, desk.clock("handling", petition), days=10)["id"])
        move(timedelta(minutes=1))
    first = desk.get("head", "/api/clock-requests?limit=2")
    then = desk.get("head", f"/api/clock-requests?limit=2&after={first['next']}")
    assert [row["id"] for row in first["items"] + then["items"]] == asked[::-1]
    assert then["next"] is None
    desk.get("head", "/api/clock-requests?state=later", 422)


def test_a_township_does_not_read_what_others_asked_about_its_case(desk, case):
    request = ask(desk, desk.clock("handling", case), days=10)
    seen = desk.clock("handling", case, "township-420324100")
    assert seen["requests"] == []
    assert desk.get("township-420324100", "/api/clock-requests")["items"] == []
    for post in ("office-1-a", "leader-1", "team-1", "supervisor-1", "clerk-1"):
        assert [each["id"] for each in desk.clock("handling", case, post)["requests"]] == [request["id"]]


def test_clocks_are_found_by_a_part_of_the_number(desk):
    for _ in range(2):
        desk.feed((petition := Petition()).registered())
    (found,) = desk.clocks(query=f"?number={petition.number.lower()}")
    assert found["number"] == petition.number
    assert len(desk.clocks(query="?number=ZX2026")) == 2
    assert desk.clocks(query="?number=%25") == []


def test_each_role_sees_its_own(desk, case):
    seen = {
        post: {clock["duty"] for clock in desk.clocks(post, "?state=running")}
        for post in ("supervisor-1", "leader-1", "office-1-a", "team-1", "township-420324100")
    }
    assert set(map(frozenset, seen.values())) == {frozenset({"plan", "handling"})}
    for post in ("leader-2", "office-2-a", "township-420324101", "liaison-police"):
        assert desk.clocks(post) == []
    desk.get("operator-1", "/api/clocks", 403)


def test_the_summary_counts_lights_by_holder(desk, case, move):
    Petition.numbers += 1
    other = Petition(organ="petition_bureau")
    desk.feed(other.registered())
    move(timedelta(days=20))
    body = desk.get("supervisor-1", "/api/clocks/summary")
    assert body["lights"] == {"green": 1, "yellow": 0, "orange": 0, "red": 2, "paused": 0}
    by_holder = {row.pop("holder"): row for row in body["holders"]}
    assert by_holder["petition-office"]["red"] == 1
    assert by_holder["leader-1"]["red"] == 1
    for light, count in body["lights"].items():
        assert len(desk.clocks("supervisor-1", f"?light={light}")) == count
        shown = desk.clocks("supervisor-1", f"?light={light}")
        assert all(clock["light"] == light for clock in shown)


def test_the_list_puts_first_what_is_superior_assigned_then_what_is_due(desk):
    usual, urgent = Petition(), Petition(superior_assigned=True)
    desk.feed(usual.registered(received_on=date(2026, 3, 2)))
    desk.feed(urgent.registered())
    desk.feed(Petition().registered())
    numbers = [clock["number"] for clock in desk.clocks()]
    assert numbers[:2] == [urgent.number, usual.number]
    page = desk.get("head", "/api/clocks?limit=1")
    assert desk.get("head", f"/api/clocks?limit=1&after={page['next']}")["items"][0]["number"] == usual.number
    assert desk.clocks(query="?township=420324100") == []  # known once it is accepted
