"""Chromium goes to a real identity provider and comes back signed in; its pages and ours are two origins."""

import pytest
from playwright.sync_api import Browser

from shared.runtime.settings import Settings
from tests.browser.conftest import Desk, served
from tests.processes import free_port
from tests.provider import OpenIdProvider
from tests.web.test_oidc import BACK, with_provider

pytestmark = [pytest.mark.browser, pytest.mark.npm]


def test_sign_in_and_out(settings: Settings, browser: Browser) -> None:
    port = free_port()
    ours = f"http://127.0.0.1:{port}"
    with (
        OpenIdProvider(f"{ours}{BACK}", f"{ours}/intake/sign-in") as provider,
        with_provider(settings, provider.issuer, ours) as ground,
        served(ground, port) as address,
    ):
        context = browser.new_context(locale="zh-CN")
        desk = Desk(context.new_page(), address)
        desk.go("/reporting/sign-in")
        assert desk.complaints == []
        desk.press("main a[href*='/sign-in/provider']")
        desk.page.fill("input[name=login]", "head")
        desk.page.fill("input[name=password]", "x")
        desk.page.click("button[type=submit]")
        desk.page.click("button[type=submit]")  # agrees
        desk.page.wait_for_url(f"{address}/reporting/")
        desk.complaints.clear()  # of the provider's own pages
        desk.go("/reporting/board")
        desk.sign_out()
        assert desk.complaints == []
        desk.press("main a[href$='/sign-out/provider']")
        desk.page.click("button[value=yes]")
        desk.page.wait_for_url(f"{address}/intake/sign-in**")
        context.close()
