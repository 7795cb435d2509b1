"""The monthly bulletin and the supervision letter, from the desk to the Word file, as people do it."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Page

from shared import clock
from tests.browser.conftest import Desk
from tests.factories import new_petition
from tests.ground import Ground

pytestmark = pytest.mark.browser


def downloaded(page: Page, link: str) -> tuple[str, str]:
    """The name of a file that a link gives, and what the document says."""
    with page.expect_download() as waiting:
        page.locator(link).first.click()
    path = waiting.value.path()
    word = Document(BytesIO(Path(path).read_bytes()))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    return waiting.value.suggested_filename, "\n".join([*(p.text for p in word.paragraphs), *cells])


def test_a_bulletin_is_issued_read_and_downloaded(desk: Desk, language: str) -> None:
    desk.go("/reporting/sign-in")
    desk.speak(language)
    desk.sign_in("supervisor-1", "reporting")
    desk.go("/reporting/bulletins")
    desk.page.locator("#issue summary").click()
    month = desk.page.locator("#month option").first.get_attribute("value")
    desk.press("#issue details button")
    number = f"竹纪通报〔{clock.today().year}〕1号"
    assert number in desk.text()
    name, text = downloaded(desk.page, "main a[href$='/file']")
    assert name == f"{number}.docx"
    assert f"关于{int(month[:4])}年{int(month[5:])}月信访举报办理情况的通报" in text

    desk.sign_out()
    desk.sign_in("township-420324100", "reporting")
    desk.go("/reporting/bulletins")
    assert desk.page.locator("#issue").count() == 0
    desk.press(f"main a:has-text('{number}')")
    assert number in desk.text()


def test_a_letter_is_drafted_issued_read_by_its_unit_and_answered(
    desk: Desk, together: Ground, language: str
) -> None:
    received_on = (clock.today() - timedelta(days=60)).isoformat()
    petitions = [new_petition(together, received_on=received_on) for _ in range(2)]
    together.settle()
    desk.go("/supervision/sign-in")
    desk.speak(language)
    desk.sign_in("supervisor-1", "supervision")
    desk.go("/supervision/letters")
    desk.press("main a[href$='/letters/new']")
    desk.press("#units a")
    boxes = desk.page.locator("#draft input[name=clock_ids]")
    assert boxes.count() == 2
    for box in boxes.all():
        box.uncheck()
    desk.page.fill("#demand", "请核对台账。")
    desk.press("#draft button")
    assert desk.refused()
    assert desk.page.locator("#demand").input_value() == "请核对台账。", "what was typed is kept"
    desk.page.locator("#draft input[name=clock_ids]").first.check()
    desk.press("#draft button")

    desk.page.locator("details.confirmation summary").first.click()
    desk.press("details.confirmation[open] button")
    number = f"竹纪督函〔{clock.today().year}〕1号"
    assert number in desk.text()
    name, text = downloaded(desk.page, "main a[href$='/file']")
    assert name == f"{number}.docx"
    assert sum(petition["number"] in text for petition in petitions) == 1
    assert "请核对台账。" in text and petitions[0]["title"] not in text
    together.settle()

    desk.sign_out()
    desk.sign_in("clerk-1", "notify")
    desk.go("/notify/inbox")
    assert number in desk.text()
    desk.go("/supervision/letters")
    desk.press(f"main a:has-text('{number}')")
    assert desk.page.locator("#reply").count() == 0

    desk.sign_out()
    desk.sign_in("supervisor-1", "supervision")
    desk.go("/supervision/letters")
    desk.press(f"main a:has-text('{number}')")
    step = desk.open_step("reply")
    step.locator("textarea").fill("已按期作出受理决定。")
    desk.press(step.locator("button"))
    assert "已按期作出受理决定。" in desk.text()
    assert desk.page.locator("#reply").count() == 0
