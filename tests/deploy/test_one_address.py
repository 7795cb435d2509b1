"""All services under one address, as a browser sees them through the proxy."""

from collections.abc import Iterator

import pytest

from tests.browser.conftest import Desk, chromium
from tests.deploy.compose_file import ROOT
from tests.deploy.stack import NAME, Stack

pytestmark = [pytest.mark.rabbitmq, pytest.mark.postgres, pytest.mark.browser, pytest.mark.slow]
PICTURE = ROOT / "shared" / "web" / "pictures" / "portal.png"


@pytest.fixture
def desk(stack: Stack) -> Iterator[Desk]:
    """A browser at the proxy."""
    with chromium() as browser:
        # The authority for trials is not in the browser's list; that the certificate is good, others test.
        page = browser.new_context(ignore_https_errors=True, locale="zh-CN").new_page()
        desk = Desk(page, f"https://{NAME}:{stack.proxy.port}")
        yield desk
        assert desk.complaints == []


def test_a_petition_goes_in_with_a_picture_and_its_page_has_the_parts_of_others(desk: Desk) -> None:
    desk.sign_in("clerk-1")
    desk.go("/intake/register/new")
    desk.page.fill("#text", "村里的路修了一半就停了，雨天走不了车。")
    desk.page.set_input_files("#files", PICTURE)
    desk.press("main form button.btn-primary")
    desk.press("main a[href*='/petitions/']")
    asked = "performance.getEntriesByType('resource').map(r => new URL(r.name).pathname.split('/')[1])"
    assert {"intake", "assignment", "supervision"} <= set(desk.page.evaluate(asked))
    assert "portal.png" in desk.text("body")
    pictures = desk.page.locator("img[src*='/attachments/'], a[href*='/attachments/']")
    assert pictures.count()
