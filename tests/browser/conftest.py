"""Real Chromium against all five services on a real port."""

import os
import shutil
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from tests.ground import Ground

# As root Chromium has no sandbox; the rest keeps it from looking up its maker's hosts.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def _chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.fail("no Chromium here: run deploy/system-packages.sh", pytrace=False)
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def address(together: Ground) -> Iterator[str]:
    """Where the five services answer."""
    server = make_server("127.0.0.1", 0, together.composed.wsgi, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


class Desk:
    """A page in which somebody is signed in; it fails where the console complains."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.complaints: list[str] = []
        page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def sign_in(self, post: str, service: str = "intake") -> None:
        self.page.goto(f"{self.address}/{service}/sign-in")
        self.page.fill("#post", post)
        self.page.fill("#password", "zhuxi-demo")
        self.page.click("main button")

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)


@pytest.fixture(params=[1200, 360], ids=["wide", "narrow"])
def desk(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Desk]:
    context = browser.new_context(viewport={"width": request.param, "height": 800}, locale="zh-CN")
    desk = Desk(context.new_page(), address)
    yield desk
    if folder := os.environ.get("PICTURES"):
        desk.page.screenshot(path=f"{folder}/{request.node.name}.png", full_page=True)
    assert desk.complaints == []
    wide = desk.page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")
    assert not wide, "the page is wider than the window"
    context.close()
