"""My sign-in as people use it: codes set up with an app and asked for at the next sign-in; sessions ended."""

import pyotp
import pytest

from shared import clock
from shared.runtime.compose import DEMO_PASSWORD
from tests.browser.conftest import Desk

pytestmark = pytest.mark.browser


def test_codes_are_set_up_and_asked_for(desk: Desk) -> None:
    desk.sign_in("head")
    desk.go("/reporting/account")  # leads to the one service that keeps it
    assert desk.page.url.endswith("/intake/account")
    desk.page.fill("#codes-password", "wrong")
    desk.press("form[action$='/codes'] button")
    assert desk.refused()
    desk.page.fill("#codes-password", DEMO_PASSWORD)
    desk.press("form[action$='/codes'] button")
    app = pyotp.TOTP(desk.text(".own-qr ~ code"))
    desk.page.fill("#confirm-code", app.at(clock.now()))
    desk.press("form[action$='/confirm'] button")
    recovery = desk.page.locator("#recovery code").first.inner_text()
    desk.sign_out()
    desk.sign_in("head", "reporting")
    desk.page.fill("#code", "000000")
    desk.press("main form button")
    assert desk.refused()
    desk.page.fill("#code", recovery)
    desk.press("main form button")
    assert desk.page.url.endswith("/reporting/")
    desk.go("/intake/account")
    desk.press("main button[name=session]")
    assert "/sign-in" in desk.page.url
