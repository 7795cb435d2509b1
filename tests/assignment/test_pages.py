"""The pages of assignment: each shows a viewer the steps that are theirs now and what is wrong where."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event

from tests.assignment.desk import TOWNSHIP, Desk, entry, plan, proposal
from tests.assignment.test_closing import closed

ASKED = re.compile(r'action="/cases/[0-9a-f-]+/(\w+)"')
HTML = {"Accept": "text/html", "Accept-Language": "en"}


def part(desk, post, case):
    """Assignment's part of the petition's page, as a post sees it, in English."""
    client = desk.client(post)
    client.set_cookie("huajie-language", "en")
    return client.get(f"/petitions/{case['petition_id']}/part", headers=HTML).text


def steps(desk, post, case):
    return set(ASKED.findall(part(desk, post, case)))


def send(desk, post, case, step, status, **data):
    client = desk.client(post)
    client.set_cookie("huajie-language", "en")
    data.setdefault("version", desk.version(case))
    answer = client.post(f"/cases/{case['id']}/{step}", data=data, headers=HTML)
    assert answer.status_code == status, answer.text
    return answer


def filled(**changes):
    return {
        "due_on": "2026-04-10",
        "quality": "路修好并通车",
        "members.0.responsible": "true",
        "members.0.post": "office-1-a",
        "members.0.duty": "牵头核查",
    } | changes


def advance(desk, case, to):
    """Take a case on to a state, as its office and leader do."""
    way = [
        ("office-1-a", "plan", plan()),
        ("office-1-a", "handling", entry()),
        ("office-1-a", "closing", proposal()),
        ("office-1-b", "checks", {"level": 1, "passed": True}),
        ("leader-1", "checks", {"level": 2, "passed": True}),
    ]
    states = ["planned", "handled", "proposed", "checked", "closed"]
    for post, step, body in way[: states.index(to) + 1]:
        desk.step(post, case, step, **body)
    return case


OFFICE, LEADER = "office-1-a", "leader-1"
TURNS = {
    "open": {OFFICE: {"plan", "recusal"}, LEADER: {"plan", "recusal"}, "team-1": {"recusal"}},
    "planned": {
        OFFICE: {"plan", "handling", "recusal"},  # no closing over the petitioner's head
        "team-1": {"handling", "recusal"},
        LEADER: {"plan", "handling", "recusal"},
    },
    "handled": {OFFICE: {"plan", "handling", "closing", "recusal"}, "team-1": {"handling", "recusal"}},
    "proposed": {OFFICE: {"recusal"}, "office-1-b": {"checks", "recusal"}, "trial-a": {"checks"}},
    "checked": {OFFICE: {"recusal"}, "office-1-b": {"recusal"}, LEADER: {"checks", "recusal"}},
    "closed": {OFFICE: {"replies"}, LEADER: {"replies"}, "clerk-1": {"replies"}, "head": {"reopening"}},
}


@pytest.mark.parametrize("state", TURNS)
def test_only_the_steps_that_are_possible_now_are_shown(desk, state):
    case = desk.open()
    if state != "open":
        advance(desk, case, state)
    for post, expected in TURNS[state].items():
        assert steps(desk, post, case) == expected, post
    for post in ("supervisor-1", f"township-{TOWNSHIP}"):
        assert steps(desk, post, case) == set()


def test_who_may_not_see_the_case_gets_nothing(desk):
    case = desk.open()
    for post in ("office-2-a", "operator-1", "liaison-police", "township-420324101"):
        assert part(desk, post, case) == ""


def test_a_plan_from_the_form_is_the_plan_of_the_api(desk):
    case = desk.open()
    rows = {"members.1.post": "", "members.1.duty": "", "members.3.post": "team-1", "members.3.duty": "走访"}
    answer = send(desk, OFFICE, case, "plan", 303, **filled(**rows))
    assert answer.headers["Location"].endswith(f"/petitions/{case['petition_id']}#case")
    found = desk.case(case)["plans"][0]
    assert [(m["post"], m["responsible"]) for m in found["members"]] == [
        ("office-1-a", True),
        ("team-1", False),
    ]


def test_every_mistake_stands_beside_its_field_and_what_was_typed_is_kept(desk):
    case = desk.open()
    rows = {"members.2.post": "team-1", "members.2.duty": ""}  # the row between was left blank
    page = send(desk, OFFICE, case, "plan", 422, **filled(due_on="2026-04-05", quality="", **rows)).text
    for field in ("quality", "members.1.duty"):
        assert f'id="plan-{field}-error"' in page
    assert "牵头核查" in page and 'value="2026-04-05"' in page
    assert re.search(r'<option value="team-1" selected>', page)
    page = send(desk, OFFICE, case, "plan", 422, **filled(due_on="2026-04-05")).text
    assert "Choose a working day" in page  # a rule's message, after the schema's
    assert desk.case(case)["plans"] == []


def test_a_stale_step_shows_what_stands_now_beside_what_was_typed(desk):
    case = desk.open()
    old = desk.version(case)
    desk.step(LEADER, case, "plan", **plan(quality="先修通"))
    page = send(desk, OFFICE, case, "plan", 409, **filled(quality="全线贯通"), version=old).text
    assert "Stands now: 先修通" in page
    assert "全线贯通</textarea>" in page
    assert "Plan fixed" in page
    again = send(desk, OFFICE, case, "plan", 422, **filled(quality="全线贯通")).text
    assert 'id="plan-reason-error"' in again  # it is a change now
    send(desk, OFFICE, case, "plan", 303, **filled(quality="全线贯通", reason="更清楚"))


def test_the_record_is_added_to_and_the_form_stays_open(desk):
    case = advance(desk, desk.open(), "planned")
    answer = send(desk, "team-1", case, "handling", 303, kind="visit", occurred_on="2026-03-10", text="走访")
    assert answer.headers["Location"].endswith("#record")
    page = send(
        desk, "team-1", case, "handling", 422, kind="visit", occurred_on="2026-03-11", text="明天"
    ).text
    assert "has not come yet" in page and "明天</textarea>" in page
    page = part(desk, "team-1", case)
    assert 'id="record" open' in page
    assert "走访" in page


def test_a_check_is_passed_or_sent_back_with_reasons(desk):
    case = advance(desk, desk.open(), "proposed")
    page = send(desk, "office-1-b", case, "checks", 422, level="1", passed="false").text
    assert 'id="check-reasons-error"' in page
    send(desk, "office-1-b", case, "checks", 303, level="1", passed="false", reasons="缺少照片")
    assert "缺少照片" in part(desk, OFFICE, case)
    desk.step(OFFICE, case, "closing", **proposal())
    send(desk, "trial-b", case, "checks", 303, level="1", passed="true")
    send(desk, LEADER, case, "checks", 303, level="2", passed="true")
    assert desk.case(case)["state"] == "closed"


def test_a_step_that_is_not_possible_any_more_loses_no_text(desk):
    case = advance(desk, desk.open(), "proposed")
    old = desk.version(case)
    desk.step("trial-a", case, "checks", level=1, passed=True)
    typed = {"level": "1", "passed": "false", "reasons": "缺少照片", "version": old}
    page = send(desk, "office-1-b", case, "checks", 409, **typed).text
    assert "Changed by somebody else meanwhile" in page
    assert "First check passed" in page and "缺少照片</blockquote>" in page


def test_who_proposed_is_told_that_others_check(desk):
    case = advance(desk, desk.open(), "proposed")
    assert "You proposed this closing" in part(desk, OFFICE, case)
    send(desk, OFFICE, case, "checks", 403, level="1", passed="true")


def test_an_unreachable_petitioner_and_then_a_reply(desk, move):
    case = closed(desk)
    page = send(desk, OFFICE, case, "replies", 422, round="1", means="unreachable", replied_on="2026-03-10")
    assert 'id="reply-tried_on-error"' in page.text
    tried = {"means": "unreachable", "replied_on": "2026-03-10", "tried_on": ["2026-03-10", "", ""]}
    send(desk, OFFICE, case, "replies", 303, round="1", **tried)
    assert "replies" in steps(desk, OFFICE, case)
    send(desk, OFFICE, case, "replies", 303, round="1", means="call", replied_on="2026-03-10")
    assert "replies" not in steps(desk, OFFICE, case)


def test_the_earlier_rounds_evidence_stands_with_the_new_round(desk):
    case = closed(desk)
    send(desk, "head", case, "reopening", 303, reason="new_evidence")
    now = desk.case(case)
    page = part(desk, f"{now['office']}-a", case)
    assert "反映属实，已整改" in page and "电话听取诉求" in page
    assert "This plan no longer stands" in page
    assert "office-1-a" not in re.findall(r'<option value="([^"]+)"', page)


def test_why_somebody_recused_themselves_is_for_few(desk):
    case = desk.open()
    page = send(desk, OFFICE, case, "recusal", 422, reason="").text
    assert 'id="recusal-reason-error"' in page
    answer = send(desk, OFFICE, case, "recusal", 303, reason="与被反映人系近亲属")
    assert answer.headers["Location"].endswith("/cases")
    assert part(desk, OFFICE, case) == ""
    for post in ("head", "supervisor-1"):
        assert "近亲属" in part(desk, post, case)
    for post in ("clerk-1", LEADER, "team-1"):
        page = part(desk, post, case)
        assert "近亲属" not in page and page


def test_a_handed_over_case_is_signed_for(desk, move):
    case = desk.open()
    send(desk, OFFICE, case, "recusal", 303, reason="与被反映人系近亲属")
    office = desk.case(case)["office"]
    assert "receipt" in steps(desk, f"{office}-a", case)
    send(desk, f"{office}-a", case, "receipt", 303)
    assert "receipt" not in steps(desk, f"{office}-a", case)


# The list and the desk


def listed(desk, post, query=""):
    page = desk.client(post).get(f"/cases{query}", headers=HTML)
    assert page.status_code == 200, page.text
    return re.findall(r">(ZX2026-\d{6})<", page.text)


def test_the_list_is_searched_and_filtered(desk):
    one = desk.open(content_class="02")
    other = desk.open(township="420324203")
    done = advance(desk, desk.open(), "closed")
    assert set(listed(desk, "head")) == {one["number"], other["number"]}
    assert listed(desk, "head", "?state=closed") == [done["number"]]
    assert len(listed(desk, "head", "?state=all")) == 3
    assert listed(desk, "head", f"?search={one['number'][-2:]}") == [one["number"]]
    assert listed(desk, "head", "?search=鄂坪") == [other["number"]]
    assert listed(desk, "head", "?search=eping") == [other["number"]]
    assert listed(desk, "head", "?search=%25") == []
    assert listed(desk, "head", "?content_class=02") == [one["number"]]
    assert listed(desk, "head", "?office=office-4") == [other["number"]]
    assert set(listed(desk, "leader-1", "?planned=false")) == {one["number"], other["number"]}
    assert listed(desk, "team-1") == [one["number"]]
    assert listed(desk, f"township-{TOWNSHIP}") == [one["number"]]


def test_a_wrong_filter_is_told(desk):
    assert desk.client("head").get("/cases?state=nonsense", headers=HTML).status_code == 422
    assert desk.client("head").get("/cases?after=%00", headers=HTML).status_code == 422


def test_the_list_is_paged_by_what_is_due(desk):
    for _ in range(5):
        desk.open()
    page = desk.client("head").get("/cases?limit=3", headers=HTML).text
    first = re.findall(r">(ZX2026-\d{6})<", page)
    (link,) = re.findall(r'rel="next" href="([^"]+)"', page)
    rest = listed(desk, "head", link.replace("&amp;", "&").removeprefix("/cases"))
    assert len(first) == 3 and len(rest) == 2 and not set(first) & set(rest)


def test_no_query_per_row(desk):
    def counted(path: str) -> int:
        asked: list[str] = []
        engine = desk.db.engine
        listen = lambda *a: asked.append(a[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", listen)
        assert desk.client("leader-1").get(path, headers=HTML).status_code == 200
        event.remove(engine, "before_cursor_execute", listen)
        return len(asked)

    case = advance(desk, desk.open(), "handled")
    paths = ("/cases", "/desk/part", f"/petitions/{case['petition_id']}/part", "/roster")
    counted("/cases")  # the first of a session also notes that it is in use
    few = [counted(path) for path in paths]
    for _ in range(8):
        desk.open()
        desk.step(OFFICE, case, "handling", **entry())
    assert [counted(path) for path in paths] == few


def on_desk(desk, post):
    page = desk.client(post).get("/desk/part", headers=HTML).text
    return re.findall(r">(ZX2026-\d{6})<", page), page


def test_a_leaders_desk_begins_with_their_checks(desk):
    handled, unplanned, checked = (desk.open() for _ in range(3))
    advance(desk, handled, "handled")
    advance(desk, checked, "checked")
    numbers, page = on_desk(desk, LEADER)
    assert numbers == [case["number"] for case in (checked, unplanned, handled)]
    assert "#check" in page and "#plan" in page and "#record" in page


def test_a_stand_in_finds_the_absent_leaders_checks(desk, move):
    case = advance(desk, desk.open(), "checked")
    version = desk.get("head", "/api/roster")["version"]
    absence = {"leader": LEADER, "stand_in": "leader-9", "valid_from": "2026-03-10"}
    desk.post("head", "/api/roster/stand-ins", version=version, **absence, valid_until="2026-03-20")
    assert on_desk(desk, "leader-9")[0] == [case["number"]]
    move(timedelta(days=20))
    assert on_desk(desk, "leader-9")[0] == []


def test_an_offices_desk_tells_checks_from_ones_own_proposals(desk):
    case = advance(desk, desk.open(), "proposed")
    for post, waits in ((OFFICE, False), ("office-1-b", True), ("trial-a", True)):
        client = desk.client(post)
        client.set_cookie("huajie-language", "en")
        page = client.get("/desk/part", headers=HTML).text
        assert case["number"] in page
        assert ("waits for my check" in page) is waits


def test_a_member_without_the_seat_is_not_asked_to_check(desk):
    case = desk.open()
    members = [
        {"post": "office-1-a", "duty": "牵头", "responsible": True},
        {"post": "leader-9", "duty": "协助"},
    ]
    desk.step(LEADER, case, "plan", **plan(members=members))
    desk.step(OFFICE, case, "handling", **entry())
    desk.step(OFFICE, case, "closing", **proposal())
    desk.step("office-1-b", case, "checks", level=1, passed=True)
    assert steps(desk, "leader-9", case) == {"recusal"}
    numbers, page = on_desk(desk, "leader-9")
    assert numbers == [case["number"]] and "tag-warn" not in page
    assert "tag-warn" in on_desk(desk, LEADER)[1]


def test_the_trial_offices_desk_has_its_checks_only(desk):
    waiting, done = desk.open(), desk.open()
    advance(desk, waiting, "proposed")
    advance(desk, done, "checked")
    assert on_desk(desk, "trial-a")[0] == [waiting["number"]]


def test_a_desk_shows_ten_and_leads_to_all(desk):
    for _ in range(12):
        desk.open()
    numbers, page = on_desk(desk, LEADER)
    assert len(numbers) == 10
    assert page.count('href="/cases"') == 2


@pytest.mark.parametrize("post", ["head", "supervisor-1", "clerk-1"])
def test_who_sees_all_gets_counts_only(desk, post):
    desk.open()
    numbers, page = on_desk(desk, post)
    assert numbers == []
    assert "/cases?state=open" in page


def test_an_operator_and_a_liaison_have_nothing_here(desk):
    desk.open()
    for post in ("liaison-police",):
        assert on_desk(desk, post)[1].strip() == ""
    assert desk.client("operator-1").get("/cases", headers=HTML).status_code == 403


# The roster


def roster(desk, post, path="/roster", status=200):
    answer = desk.client(post).get(path, headers=HTML)
    assert answer.status_code == status
    return answer.text


def change(desk, status, post="head", **data):
    client = desk.client(post)
    client.set_cookie("huajie-language", "en")
    values = {
        "version": desk.get("head", "/api/roster")["version"],
        "entries.0.township": TOWNSHIP,
        "entries.0.leader": "leader-2",
        "entries.0.office": "office-2",
        "entries.0.team": "team-4",
        "entries.0.valid_from": "2026-04-01",
    } | data
    answer = client.post("/roster/changes", data=values, headers=HTML)
    assert answer.status_code == status, answer.text
    return answer.text


def test_the_roster_of_any_day_its_history_and_what_is_to_come(desk):
    change(desk, 303)
    page = roster(desk, "liaison-police")
    assert "to-come" in page and "/roster/changes" not in page
    later = roster(desk, "clerk-1", "/roster?on=2026-04-01")
    assert page != later
    history = roster(desk, "clerk-1", f"/roster/townships/{TOWNSHIP}")
    assert history.count("<tr") == 3
    roster(desk, "clerk-1", "/roster/townships/nowhere", 404)
    roster(desk, "clerk-1", "/roster?on=someday", 422)
    assert "420324100" in roster(desk, "clerk-1", "/roster?on=2020-01-01")


def test_a_gap_is_named_beside_the_last_day_by_the_townships_name(desk):
    page = change(desk, 422, **{"entries.0.valid_until": "2026-04-20"})
    message = page[page.index('id="change-entries.0.valid_until-error"') :]
    assert "Chengguan would have nobody from 2026-04-21 on" in message[:400]
    assert '<option value="leader-2" selected>' in page


def test_a_leader_without_a_township_is_named_and_two_lines_mend_it(desk):
    lines = {"entries.0.township": "420324107", "entries.0.leader": "leader-7"}
    change(desk, 303, **lines)
    lines = {"entries.0.township": "420324207", "entries.0.leader": "leader-7"}
    page = change(desk, 422, **lines)
    message = page[page.index('id="change-entries.0.leader-error"') :]
    assert "Leadership member 6 would answer for no township from 2026-04-01 on" in message[:400]
    second = {
        "entries.2.township": "420324108",
        "entries.2.leader": "leader-6",
        "entries.2.office": "office-3",
        "entries.2.team": "team-7",
        "entries.2.valid_from": "2026-04-01",
    }
    change(desk, 303, **lines, **second)


def test_stand_ins_are_recorded_listed_and_ended(desk):
    client = desk.client("supervisor-1")
    version = desk.get("head", "/api/roster")["version"]
    body = {"version": version, "leader": "leader-1", "stand_in": "leader-1", "valid_from": "2026-03-10"}
    wrong = client.post("/roster/stand-ins", data=body | {"valid_until": "2026-03-12"}, headers=HTML)
    assert wrong.status_code == 422
    assert 'id="stand-in-stand_in-error"' in wrong.text
    right = body | {"stand_in": "leader-2", "valid_until": "2026-03-12"}
    assert client.post("/roster/stand-ins", data=right, headers=HTML).status_code == 303
    (row,) = desk.get("head", "/api/roster/stand-ins")
    page = roster(desk, "head")
    assert f"/roster/stand-ins/{row['id']}/end" in page
    version = desk.get("head", "/api/roster")["version"]
    end = client.post(f"/roster/stand-ins/{row['id']}/end", data={"version": version}, headers=HTML)
    assert end.status_code == 303
    assert f"/roster/stand-ins/{row['id']}/end" not in roster(desk, "head")


def test_a_roster_that_changed_meanwhile_keeps_what_was_typed(desk):
    version = desk.get("head", "/api/roster")["version"]
    change(desk, 303)
    page = change(desk, 409, version=version)
    assert '<option value="leader-2" selected>' in page


def test_others_cannot_change_the_roster(desk: Desk) -> None:
    change(desk, 403, post="clerk-1")
