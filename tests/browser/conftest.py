"""Real Chromium against all five services on a real port.

`desk` is a page on a wide and on a narrow screen. Whatever a test does with it, the test fails where the
console complains or the page is wider than its window.
"""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from shared.runtime.compose import DEMO_PASSWORD
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
expect.set_options(timeout=60_000)  # the machine may be busy: how long it takes says nothing
LOADING = "main [hx-trigger='load'], main .htmx-request"  # parts that other services have yet to contribute


def _chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.fail("no Chromium here: run deploy/system-packages.sh", pytrace=False)
    return found


@cache
def _playwright() -> Playwright:
    """One for a process, which cannot have two at once; its driver ends with the process."""
    return sync_playwright().start()


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """The system's Chromium, without a window. `more`: arguments beside the usual ones."""
    browser = _playwright().chromium.launch(executable_path=_chromium(), args=[*ARGUMENTS, *more])
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        """A line for each request would hide what a test says."""


@contextmanager
def served(ground: Ground, port: int = 0) -> Iterator[str]:
    """The five services on a port of this machine (0: any free one); gives its address."""
    server = make_server("127.0.0.1", port, ground.composed.wsgi, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def address(together: Ground) -> Iterator[str]:
    """Where the five services answer."""
    with served(together) as address:
        yield address


class Desk:
    """A page in which somebody works; it keeps what the console complains of."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.complaints: list[str] = []
        page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def sign_in(self, post: str, service: str = "intake") -> None:
        """Sign in as a post and wait for its desk."""
        self.page.goto(f"{self.address}/{service}/sign-in")
        self.page.fill("#post", post)
        self.page.fill("#password", DEMO_PASSWORD)
        self.press("main form button")

    def sign_out(self) -> None:
        self.page.click("header details.menu summary")
        self.press("header form[action$='/sign-out'] button")
        # A part that was being fetched again meanwhile is refused: that is right, and no complaint.
        self.complaints[:] = [said for said in self.complaints if "401" not in said]

    def look_up(self, code: str) -> None:
        """Open the standing of a petition in the portal, by its query code."""
        self.go("/intake/portal/look-up")
        self.page.fill("#code", code)
        self.press("main form:has(#code) button")

    def go(self, path: str) -> None:
        """Open an address such as /intake/register and wait until all of the page is there."""
        self.page.goto(self.address + path)
        self.loaded()

    def press(self, what: str | Locator) -> None:
        """Press what leads to another page, and wait until all of it is there."""
        self.turn(what)
        self.loaded()

    def turn(self, what: str | Locator) -> None:
        """Press what leads to another page, where no script fetches parts of it."""
        found = self.page.locator(what).first if isinstance(what, str) else what
        with self.page.expect_navigation():  # or the next look would meet a page that is going away
            found.click()

    def loaded(self) -> None:
        """Wait until the parts of the other services are there."""
        expect(self.page.locator(LOADING)).to_have_count(0)

    def speak(self, language: str) -> None:
        """Read on in another language: zh or en."""
        button = self.page.locator(f"header button[name=language][value={language}]")
        if button.count():
            self.press(button)

    def text(self, what: str = "main") -> str:
        """What stands in a part of the page, as a person sees it."""
        return self.page.locator(what).first.inner_text()

    def open_step(self, id_: str) -> Locator:
        """Open a step of the petition's page; gives it."""
        step = self.page.locator(f"details#{id_}")
        if step.get_attribute("open") is None:
            step.locator("summary").first.click()
        return step

    def refused(self) -> str:
        """What a refused form says, above and beside its fields; the console's note of it is spent."""
        box = self.page.locator("main [role=alert], main .field-error")
        box.first.wait_for()
        self.complaints[:] = [said for said in self.complaints if "status of 4" not in said]
        return " ".join(box.all_inner_texts())

    @property
    def is_too_wide(self) -> bool:
        """Whether one has to scroll sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"))


@pytest.fixture(params=[1200, 360], ids=["wide", "narrow"])
def desk(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Desk]:
    context = browser.new_context(viewport={"width": request.param, "height": 800}, locale="zh-CN")
    context.set_default_timeout(60_000)
    desk = Desk(context.new_page(), address)
    yield desk
    if folder := os.environ.get("PICTURES"):
        desk.page.screenshot(path=f"{folder}/{request.node.name}.png", full_page=True)
    assert desk.complaints == []
    assert not desk.is_too_wide, "the page is wider than the window"
    context.close()


@pytest.fixture
def language(desk: Desk) -> str:
    """Each way is walked once in each language: Chinese on the wide screen, English on the narrow one."""
    size = desk.page.viewport_size
    return "zh" if size is None or size["width"] > 600 else "en"
