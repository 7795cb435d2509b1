"""The board in real Chromium: from a tile to the petition, as Excel, in both languages, on the wall."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.browser.conftest import Desk
from tests.browser.faults import AXE, barriers
from tests.ground import Ground
from tests.reporting.many import fill_board

pytestmark = pytest.mark.browser
DRAWN = ".chart-canvas svg path"


@pytest.fixture
def head(desk: Desk) -> Desk:
    desk.sign_in("head", "reporting")
    return desk


@pytest.fixture
def filled(together: Ground) -> Iterator[Ground]:
    fill_board(together.instance("reporting").db, 1200)
    yield together


def test_from_a_tile_to_its_petitions(head: Desk, filled: Ground) -> None:
    page = head.page
    head.go("/reporting/board")
    assert page.locator(DRAWN).count() > 20
    head.press(page.locator(".pick a").nth(2))  # the overdue ones
    tile = page.locator("a.tile", has=page.locator(".tile-name", has_text=re.compile("龙坝镇")))
    head.press(tile)
    assert page.locator("h1").inner_text() == "龙坝镇"
    head.press(page.locator(".figures a").nth(1))
    page.wait_for_url("**/board/petitions?*township=420324107*")
    link = page.locator("tbody a").first
    href = link.get_attribute("href")
    assert href and re.search(r"/petitions/[0-9a-f-]{36}$", href)
    assert page.input_value("#filter-township") == "420324107"


def test_filters_stand_in_the_address_and_change_the_board_at_once(head: Desk, filled: Ground) -> None:
    page = head.page
    head.go("/reporting/board?map=late")
    before = page.locator(".figures dd").first.inner_text()
    page.select_option("#filter-leader", "leader-3")
    page.wait_for_url("**leader=leader-3**")
    expect(page.locator(".figures dd").first).not_to_have_text(before)
    assert "map=late" in page.url
    expect(page.locator(".chart-canvas svg").first).to_be_visible()
    assert page.locator(DRAWN).count() > 20
    address, shown = page.url, page.locator(".figures").first.inner_text()
    page.goto(address)  # as somebody does to whom it was sent
    assert page.locator(".figures").first.inner_text() == shown
    assert page.input_value("#filter-leader") == "leader-3"


def test_each_chart_has_its_table(head: Desk, filled: Ground) -> None:
    page = head.page
    head.go("/reporting/board")
    figures = page.locator("figure.chart")
    assert figures.count() == 3
    for place in range(3):
        table = figures.nth(place).locator("table")
        assert not table.is_visible()
        figures.nth(place).locator("summary").click()
        expect(table).to_be_visible()
        assert table.locator("tbody tr").count() > 5


def test_the_excel_files_come_down(head: Desk, filled: Ground, tmp_path: Path) -> None:
    page = head.page
    for address, sheets in (("/reporting/board", 7), ("/reporting/board/petitions?measure=late", 2)):
        head.go(address)
        with page.expect_download() as download:
            page.get_by_role("link", name="Excel").click()
        assert re.fullmatch(r"(board|petitions)-20\d\d-\d\d-\d\d\.xlsx", download.value.suggested_filename)
        download.value.save_as(tmp_path / "down.xlsx")
        book = load_workbook(tmp_path / "down.xlsx")
        assert len(book.sheetnames) == sheets
        assert book.worksheets[1].max_row >= 2


def test_the_language_changes_names_figures_and_charts(head: Desk, filled: Ground) -> None:
    page = head.page
    head.go("/reporting/board?township=420324100")
    assert page.locator(".tile-name").first.inner_text() == "龙坝镇"
    head.press("button[name=language]")
    page.wait_for_url("**/board?township=420324100")
    assert page.locator(".tile-name").first.inner_text() == "Longba"
    assert page.locator("h1").inner_text() == "Board"
    expect(page.locator(".chart-canvas svg text", has_text="Overdue").first).to_be_attached()


def test_the_wall_fetches_itself_each_minute(head: Desk, filled: Ground) -> None:
    page = head.page
    page.clock.install()
    head.go("/reporting/board?screen=1")
    assert not page.locator("header.top").is_visible()
    drawn = page.locator(DRAWN).count()
    before = page.locator(".figures dd").first.inner_text()
    fill_board(filled.instance("reporting").db, 300, seed=9)
    with page.expect_response("**/board?screen=1"):
        page.clock.fast_forward(61_000)
    expect(page.locator(".figures dd").first).not_to_have_text(before)
    page.clock.run_for(1000)
    assert page.locator(DRAWN).count() >= drawn - 10


@pytest.mark.parametrize("post", ["head", "township-420324100"])
def test_an_empty_board_is_calm(desk: Desk, post: str) -> None:
    desk.sign_in(post, "reporting")
    for address in ("/reporting/board", "/reporting/board/petitions", "/reporting/board?screen=1"):
        desk.go(address)
        assert desk.page.locator(".empty").is_visible()
        assert desk.page.locator("main table").count() == 0


def test_without_script_the_tables_stand_open(head: Desk, filled: Ground) -> None:
    browser = head.page.context.browser
    assert browser
    context = browser.new_context(java_script_enabled=False, storage_state=head.page.context.storage_state())
    plain = context.new_page()
    plain.goto(f"{head.address}/reporting/board")
    tables = plain.locator("figure.chart table, #by-township table").all()
    assert len(tables) == 4
    assert all(table.is_visible() for table in tables)
    context.close()


@pytest.mark.parametrize("look", ["light", "dark"])
def test_a_full_board_has_no_barrier(head: Desk, filled: Ground, look: str) -> None:
    page = head.page
    page.add_init_script(path=AXE)
    page.emulate_media(color_scheme="dark" if look == "dark" else "light")
    for address in (
        "/reporting/board?map=on_time_share",
        "/reporting/board?screen=1",
        "/reporting/board/townships/420324100",
        "/reporting/board/petitions?measure=late",
    ):
        head.go(address)
        assert barriers(page) == [], address
