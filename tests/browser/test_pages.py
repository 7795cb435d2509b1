"""The pages as people use them: sign in, import a file, look at the board, mend what is parked."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from services.intake.registration.models import Petition
from shared.db.inbox import Arrival, receive
from tests.browser.conftest import Desk
from tests.factories import accept, new_petition
from tests.ground import Ground

pytestmark = pytest.mark.browser
SAMPLE = Path(__file__).parents[2] / "services/intake/sample/petitions.xlsx"


def test_a_wrong_password_is_told_beside_the_form_and_the_post_is_kept(desk: Desk) -> None:
    desk.go("/intake/sign-in")
    desk.page.fill("#post", "clerk-1")
    desk.page.fill("#password", "wrong")
    desk.press("main form button")
    assert desk.page.locator("[role=alert]").is_visible()
    assert desk.page.input_value("#post") == "clerk-1"
    desk.complaints.clear()  # Chromium itself notes the 401


def test_the_clerk_brings_in_the_sample(desk: Desk, together: Ground) -> None:
    desk.sign_in("clerk-1")
    desk.go("/intake/imports")
    desk.page.set_input_files("input[type=file]", SAMPLE)
    desk.press("main form button")
    desk.page.wait_for_url("**/imports/*-*")
    desk.press("main form button")
    desk.page.get_by_text("92").first.wait_for()
    together.settle()
    assert len(together.rows("intake", Petition)) == 92
    assert desk.page.locator("a[href$='refused.xlsx']").is_visible()


def test_a_file_of_another_kind_is_refused_with_what_to_do(desk: Desk, tmp_path: Path) -> None:
    wrong = tmp_path / "scan.xlsx"
    wrong.write_bytes(b"%PDF-1.7 nothing else")
    desk.sign_in("clerk-1")
    desk.go("/intake/imports")
    desk.page.set_input_files("input[type=file]", wrong)
    desk.press("main form button")
    assert ".xlsx" in desk.page.locator("main").inner_text()
    assert desk.page.locator("[role=alert], .field-error").first.is_visible()
    desk.complaints.clear()  # Chromium itself notes the 422


def test_a_long_file_name_and_an_empty_sheet(desk: Desk, tmp_path: Path) -> None:
    empty = tmp_path / f"{'二〇二六年第一季度信访件登记表' * 4}.xlsx"
    Workbook().save(empty)
    desk.sign_in("clerk-1")
    desk.go("/intake/imports")
    desk.page.set_input_files("input[type=file]", empty)
    desk.press("main form button")
    assert desk.page.locator("[role=alert], .field-error").first.is_visible()
    desk.complaints.clear()


@pytest.mark.parametrize("filled", [False, True], ids=["empty", "filled"])
def test_the_head_looks_at_the_board_and_the_inbox(desk: Desk, together: Ground, filled: bool) -> None:
    if filled:
        new_petition(together)
        together.settle()
    desk.sign_in("head", "reporting")
    desk.go("/reporting/board")
    assert desk.page.locator("h1").is_visible()
    desk.go("/notify/inbox")
    assert desk.page.locator("h1").is_visible()


def test_the_operator_sees_what_is_parked_and_puts_it_away(desk: Desk, together: Ground) -> None:
    with together.instance("intake").db.write() as session:
        receive(session, [Arrival(b"not json")], set())
    desk.sign_in("operator-1")
    desk.go("/intake/ops/parked")
    desk.page.check("input[name=message]")
    desk.press("button[value=dismiss]")  # without a reason: told beside the field
    assert desk.page.locator(".field-error").is_visible()
    desk.complaints.clear()
    desk.page.check("input[name=message]")
    desk.page.fill("#reason", "样例，已核对")
    desk.press("button[value=dismiss]")
    assert desk.page.locator("input[name=message]").count() == 0


def test_the_desk_of_the_operator_looks_again_by_itself(desk: Desk, together: Ground) -> None:
    desk.page.clock.install()
    desk.sign_in("operator-1")
    assert desk.page.locator(".live").count() == 5
    assert desk.page.locator(".light-red").count() == 0
    with together.instance("notify").db.write() as session:
        receive(session, [Arrival(b"not json")], set())
    desk.page.clock.fast_forward(11_000)
    desk.page.locator(".light-red").wait_for()
    assert desk.page.locator(".live").count() == 5
    desk.press(".live:has(.light-red) a[href$='/ops/parked']")
    assert desk.page.locator("input[name=message]").count() == 1


def test_a_notice_on_the_desk_leads_to_its_petition_and_is_read(desk: Desk, together: Ground) -> None:
    petition = accept(together, new_petition(together))
    together.settle()
    desk.sign_in("leader-1")
    desk.press(desk.page.locator(".notices button", has_text=petition["number"]))
    assert desk.page.url.endswith(f"/intake/petitions/{petition['id']}")
    desk.go("/notify/inbox?unread=true")
    assert desk.page.locator(".notices li").count() == 0
    desk.go("/notify/inbox")
    desk.press(".notices a")
    assert desk.text("h1") == petition["number"]


@pytest.mark.parametrize("service", ["intake", "assignment", "supervision", "notify", "reporting"])
def test_the_api_is_browsable_without_a_foreign_script(desk: Desk, service: str) -> None:
    desk.go(f"/{service}/api/")
    desk.page.locator("#swagger .opblock").first.wait_for()


def test_the_language_is_a_choice_that_stays(desk: Desk) -> None:
    desk.go("/intake/sign-in")
    assert desk.page.locator("html").get_attribute("lang") == "zh-Hans"
    desk.press("button[name=language]")
    assert desk.page.locator("html").get_attribute("lang") == "en"
    desk.go("/reporting/sign-in")
    assert desk.page.locator("h1").inner_text() == "Sign in"
