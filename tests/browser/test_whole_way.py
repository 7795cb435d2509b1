"""One petition's whole way in the browser, by everybody whose hands it goes through, to the bulletin.

What each takes, from the start page on (clicks, with those that send; fields to fill): submit: 3 clicks,
3 texts (1 without a name). Accept: 4 clicks, 2 choices. Read and instruct: by keys alone, 1 text, 1 choice.
Rate: 3 clicks and the code. Bulletin: 4 clicks. From the plan to the reply: test_assignment_desks.py.
"""

import re
from datetime import UTC, datetime, timedelta

import pytest

from services.reporting.board.models import BoardPetition
from shared import clock
from shared.calendar import after_working_days
from tests.browser.conftest import Desk
from tests.browser.test_assignment_desks import from_desk, send
from tests.factories import case_of
from tests.ground import Ground

pytestmark = pytest.mark.browser
SAID = "村里的水渠三年没有修，报过两次没有人答复，请查一查修渠的钱去了哪里。"
TOWNSHIP = "420324100"
NAME = "何样例"


def submit(desk: Desk) -> str:
    """Bring a petition by name; gives its query code."""
    desk.go("/intake/portal")
    desk.press("a[href$='/portal/submit']")
    desk.page.fill("#text", SAID)
    desk.page.check("input[name=how][value=named]")
    desk.page.fill("[id='person.name']", NAME)
    desk.page.fill("[id='person.phone']", "13900000000")
    desk.press("main form.petition-form button.btn-primary")
    return "".join(desk.page.locator(".receipt .code span:not(.dash)").all_inner_texts())


def in_turn(desk: Desk, together: Ground) -> None:
    together.settle()
    desk.sign_out()


def test_from_the_portal_to_the_bulletin(desk: Desk, together: Ground, language: str) -> None:
    page = desk.page
    with clock.travel(datetime(2026, 3, 5, 2, tzinfo=UTC)) as move:
        desk.go("/intake/portal")
        desk.speak(language)
        code = submit(desk)
        assert re.fullmatch(r"[2-9A-Z]{16}", code)
        together.settle()

        desk.sign_in("clerk-1")
        desk.press("main a:has-text('ZX2026-000001')")
        petition_id = page.url.rpartition("/")[2].partition("#")[0]
        form = desk.open_step("accept")
        form.locator("[name=category]").select_option("appeal")
        form.locator("[name=township]").select_option(TOWNSHIP)
        desk.press(form.locator("button.btn-primary"))
        in_turn(desk, together)

        desk.sign_in("head")
        desk.go("/intake/reading")
        with page.expect_navigation():
            page.keyboard.press("Control+Enter")
        page.keyboard.press("i")
        page.keyboard.type("请包案领导约访信访人。")
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")
        with page.expect_navigation():
            page.keyboard.press("Control+Enter")
        in_turn(desk, together)

        case = case_of(together, petition_id)
        from_desk(desk, f"{case['office']}-a", case, "plan")
        page.fill("#plan-members\\.0\\.duty", "查账")
        page.fill("#plan-due_on", after_working_days(clock.today(), 10).due_on.isoformat())
        page.fill("#plan-quality", "渠通水，账公开")
        send(desk, "plan")
        together.settle()
        for text in ("当面听取意见", "现场核对账目"):
            page.check("input[name=kind][value=contact]")
            page.fill("#record-text", text)
            send(desk, "record")
        form = desk.open_step("closing")
        form.locator("input[value=settled]").check()
        form.locator("#closing-conclusion").fill("渠已修通，账已公开")
        send(desk, "closing")
        in_turn(desk, together)

        for post in (f"{case['office']}-b", case["leader"]):
            from_desk(desk, post, case, "check")
            send(desk, "check", "[value=true]")
            in_turn(desk, together)
        from_desk(desk, f"{case['office']}-a", case, "reply")
        page.check("input[name=means][value=portal]")
        send(desk, "reply")
        in_turn(desk, together)

        desk.look_up(code)
        page.check("input[name=rating][value=satisfied]")
        desk.press("#rating button")
        assert page.locator("#rating").count() == 0
        together.settle()
        (row,) = together.rows("reporting", BoardPetition)
        assert (row.state, row.rating) == ("closed", "satisfied")

        move(timedelta(days=30))
        desk.sign_in("supervisor-1", "reporting")
        desk.go("/reporting/bulletins")
        page.locator("#issue summary").click()
        desk.press("#issue details button")
        assert "竹纪通报〔2026〕1号" in desk.text()
        # The bulletin leaves the commission, so that one alone is not told; inside it is counted.
        head = together.client("reporting", "head")
        (summary,) = head.get("/api/summaries").json
        totals = head.get(f"/api/summaries/{summary['id']}").json["figures"]["totals"]
        assert (totals["registered"], totals["resolved"]) == (1, 1)
