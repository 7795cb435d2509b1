"""A case in the browser from its leader's hand to the petitioner's, each role from sign-in to done.

What each step takes, from the desk on (clicks, with those that send; fields to fill):
plan: the number, 3 fields (duty, day, what counts as resolved), send: 2 clicks. Handling: the number, the
kind, 1 text, send: 3 clicks; each further entry: 2 clicks, 1 text. Closing: the number, open the step, the
outcome, 1 text, send: 4 clicks. Each check: the number, pass: 2 clicks. Reply: the number, the means, send:
3 clicks. Recusal: the number, open the step, 1 text, send: 3 clicks. Receipt: the number, sign: 2 clicks.
"""

from typing import Any

import pytest
from playwright.sync_api import Page

from shared import clock
from shared.calendar import after_working_days
from tests.browser.conftest import Desk
from tests.factories import accept, case_of, new_petition, step
from tests.ground import Ground

pytestmark = pytest.mark.browser
SAID = "到村里查看，与来信人面谈，核对了账目和合同，村里答应月底前办好。"
LONG = "很长的名称" * 60


def opened(ground: Ground) -> dict[str, Any]:
    """A case that its leader and office have just got."""
    petition = new_petition(ground)
    accept(ground, petition)
    ground.settle()
    return case_of(ground, petition["id"])


def act(ground: Ground, case: dict[str, Any], post: str, what: str, **body: Any) -> None:
    version = ground.client("assignment", "clerk-1").get(f"/api/cases/{case['id']}").json["version"]
    step(ground, "assignment", post, f"/api/cases/{case['id']}/{what}", version=version, **body)
    ground.settle()


def planned(ground: Ground) -> dict[str, Any]:
    case = opened(ground)
    member = {"post": "office-1-a", "duty": SAID, "responsible": True}
    act(ground, case, "office-1-a", "plan", due_on=day(10), quality=SAID, members=[member])
    return case


def day(working_days: int) -> str:
    return after_working_days(clock.today(), working_days).due_on.isoformat()


def now(ground: Ground, case: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = ground.client("assignment", "head").get(f"/api/cases/{case['id']}").json
    return found


def from_desk(desk: Desk, post: str, case: dict[str, Any], step_: str) -> Page:
    """Sign in, press the case's number on the desk and stand at the step that is next, open."""
    desk.sign_in(post)
    desk.press(f"main a:text-is('{case['number']}')[href$='#{step_}']")
    desk.page.locator(f"details#{step_}[open]").wait_for()
    return desk.page


def send(desk: Desk, form: str, button: str = "") -> None:
    desk.press(
        desk.page.locator(f"details#{form} form > button, details#{form} form div > button{button}").first
    )


def fill_plan(page: Page, due_on: str) -> None:
    page.fill("#plan-members\\.0\\.duty", SAID)
    page.fill("#plan-due_on", due_on)
    page.fill("#plan-quality", LONG)


def test_a_case_from_its_plan_to_its_reply(desk: Desk, together: Ground, language: str) -> None:
    case = opened(together)
    desk.go("/assignment/sign-in")
    desk.speak(language)

    page = from_desk(desk, "office-1-a", case, "plan")
    fill_plan(page, "2027-01-03")  # a Sunday
    page.select_option("#plan-members\\.2\\.post", "team-1")  # a row is left blank; its duty is missing
    send(desk, "plan")
    assert desk.refused()
    assert page.locator("#plan-members\\.1\\.duty-error").is_visible()
    assert page.input_value("#plan-members\\.1\\.post") == "team-1"
    assert page.input_value("#plan-quality") == LONG
    page.fill("#plan-members\\.1\\.duty", "现场走访")
    send(desk, "plan")
    assert desk.refused()
    assert page.locator("#plan-due_on-error").is_visible()
    page.fill("#plan-due_on", day(10))
    send(desk, "plan")
    assert [m["post"] for m in now(together, case)["plans"][0]["members"]] == ["office-1-a", "team-1"]

    together.settle()
    assert page.locator("details#closing").count() == 0  # not before somebody spoke to the petitioner
    page.check("input[name=kind][value=contact]")
    page.fill("#record-text", SAID)
    send(desk, "record")
    page.locator("details#record[open]").wait_for()  # and on with the next
    page.check("input[name=kind][value=visit]")
    page.fill("#record-text", LONG)
    send(desk, "record")
    assert [e["kind"] for e in now(together, case)["handling"]] == ["contact", "visit"]
    assert SAID in desk.text("#round-1")

    form = desk.open_step("closing")
    form.locator("input[value=settled]").check()
    form.locator("#closing-conclusion").fill(SAID)
    send(desk, "closing")
    assert now(together, case)["state"] == "proposed"
    desk.sign_out()

    from_desk(desk, "office-1-b", case, "check")
    send(desk, "check", "[value=true]")
    desk.sign_out()
    from_desk(desk, "leader-1", case, "check")
    send(desk, "check", "[value=true]")
    assert now(together, case)["outcome"] == "settled"
    desk.sign_out()

    together.settle()
    page = from_desk(desk, "office-1-a", case, "reply")
    page.check("input[name=means][value=in_person]")
    send(desk, "reply")
    assert [r["means"] for r in now(together, case)["replies"]] == ["in_person"]
    assert page.locator("details#reply").count() == 0


def test_the_leader_sends_a_closing_back(desk: Desk, together: Ground) -> None:
    case = planned(together)
    act(together, case, "team-1", "handling", kind="visit", occurred_on=clock.today().isoformat(), text=SAID)
    act(together, case, "office-1-a", "closing", outcome="settled", conclusion=SAID)
    act(together, case, "trial-a", "checks", level=1, passed=True)
    page = from_desk(desk, "leader-1", case, "check")
    desk.press("details#check button[value=false]")
    assert desk.refused()
    assert page.locator("#check-reasons-error").is_visible()
    page.fill("#check-reasons", "缺少现场照片")
    desk.press("details#check button[value=false]")
    assert now(together, case)["state"] == "handling"
    assert "缺少现场照片" in desk.text("#round-1")


def test_what_stands_now_is_shown_beside_what_was_typed(desk: Desk, together: Ground) -> None:
    case = opened(together)
    page = from_desk(desk, "office-1-b", case, "plan")
    fill_plan(page, day(10))
    member = {"post": "office-1-a", "duty": SAID, "responsible": True}
    act(together, case, "leader-1", "plan", due_on=day(20), quality="先修通", members=[member])
    send(desk, "plan")
    assert desk.refused()
    assert "先修通" in desk.text("details#plan")
    assert page.input_value("#plan-quality") == LONG
    page.fill("#plan-reason", "要求更高")
    send(desk, "plan")
    assert [p["quality"] for p in now(together, case)["plans"]] == ["先修通", LONG]


def test_an_office_recuses_itself_and_another_signs_for_the_case(desk: Desk, together: Ground) -> None:
    case = opened(together)
    from_desk(desk, "office-1-a", case, "plan")
    form = desk.open_step("recusal")
    form.locator("#recusal-reason").fill("与被反映人系近亲属")
    send(desk, "recusal")
    assert case["number"] not in desk.text()
    desk.go(f"/assignment/petitions/{case['petition_id']}")
    desk.complaints.clear()  # Chromium itself notes the 404
    assert case["number"] not in desk.text()
    desk.sign_out()
    together.settle()
    office = now(together, case)["office"]
    from_desk(desk, f"{office}-a", case, "plan")
    desk.press("#case-steps form[action$='/receipt'] button")
    assert now(together, case)["hand_overs"][0]["received_by"] == f"{office}-a"
    assert "近亲属" not in desk.text()
    desk.sign_out()
    desk.sign_in("head")
    desk.go(f"/assignment/petitions/{case['petition_id']}")
    assert "与被反映人系近亲属" in desk.text()


def test_a_case_is_handled_again_by_others_with_the_evidence_before_them(
    desk: Desk, together: Ground
) -> None:
    case = planned(together)
    act(together, case, "team-1", "handling", kind="visit", occurred_on=clock.today().isoformat(), text=SAID)
    act(together, case, "office-1-a", "closing", outcome="settled", conclusion=SAID)
    act(together, case, "office-1-b", "checks", level=1, passed=True)
    act(together, case, "leader-1", "checks", level=2, passed=True)
    desk.sign_in("head")
    desk.go(f"/intake/petitions/{case['petition_id']}")
    form = desk.open_step("reopening")
    form.locator("input[value=new_evidence]").check()
    send(desk, "reopening")
    desk.sign_out()
    together.settle()
    page = from_desk(desk, f"{now(together, case)['office']}-a", case, "plan")
    assert page.locator("option[value=office-1-a]").count() == 0
    page.click("#round-1 summary")
    assert SAID in desk.text("#round-1")


@pytest.mark.parametrize("filled", [False, True], ids=["empty", "filled"])
def test_the_list_is_searched_as_one_types(desk: Desk, together: Ground, filled: bool) -> None:
    cases = [planned(together), opened(together)] if filled else []
    desk.sign_in("head")
    desk.go("/assignment/cases")
    for case in cases:
        assert case["number"] in desk.text("#list")
    if filled:
        desk.page.fill("input[name=search]", cases[0]["number"][-1])
        desk.page.locator("#list", has_not_text=cases[1]["number"]).wait_for()
        assert "search=" in desk.page.url
        desk.page.select_option("select[name=state]", "closed")
        desk.page.locator("#list .empty").wait_for()
    else:
        assert desk.page.locator("#list .empty").is_visible()


def test_the_township_sees_its_own(desk: Desk, together: Ground) -> None:
    case = opened(together)
    desk.sign_in("township-420324100", "assignment")
    assert case["number"] in desk.text()
    desk.sign_out()
    desk.sign_in("township-420324101", "assignment")
    assert case["number"] not in desk.text()


def test_the_head_changes_the_roster_and_a_gap_is_named(desk: Desk) -> None:
    desk.sign_in("head")
    desk.go("/assignment/roster")
    desk.open_step("change")
    page = desk.page
    for field, value in (
        ("township", "420324100"),
        ("leader", "leader-2"),
        ("office", "office-2"),
        ("team", "team-4"),
    ):
        page.select_option(f"#change-entries\\.0\\.{field}", value)
    page.fill("#change-entries\\.0\\.valid_from", day(5))
    page.fill("#change-entries\\.0\\.valid_until", day(9))
    send(desk, "change")
    assert "城关镇" in desk.refused()
    assert page.locator("#change-entries\\.0\\.valid_until-error").is_visible()
    page.fill("#change-entries\\.0\\.valid_until", "")
    send(desk, "change")
    assert "城关镇" in desk.text("#to-come")
    desk.go(f"/assignment/roster?on={day(6)}")
    assert "班子成员（二）" in desk.page.locator("#as-of tr", has_text="城关镇").inner_text()
    desk.press("#as-of a:text-is('城关镇')")
    assert desk.page.locator("tbody tr").count() == 2


def test_a_supervisor_records_a_stand_in_and_ends_it(desk: Desk) -> None:
    desk.sign_in("supervisor-1")
    desk.go("/assignment/roster")
    desk.open_step("stand-in")
    page = desk.page
    page.select_option("#stand-in-leader", "leader-1")
    page.select_option("#stand-in-stand_in", "leader-1")
    page.fill("#stand-in-valid_until", day(5))
    send(desk, "stand-in")
    assert desk.refused()
    assert page.locator("#stand-in-stand_in-error").is_visible()
    page.select_option("#stand-in-stand_in", "leader-9")
    send(desk, "stand-in")
    assert "班子成员（九）" in desk.text("#stand-ins tbody")
    desk.press("#stand-ins tbody button")
    assert page.locator("#stand-ins tbody").count() == 0
