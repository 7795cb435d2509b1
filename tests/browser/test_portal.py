"""The portal as a petitioner uses it: on a telephone and a screen, with and without script."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request, request_started
from playwright.sync_api import Browser, Page

from services.intake.messages.models import Message
from services.intake.petitioner_requests.models import PetitionerRequest
from services.intake.portal.models import Rating
from services.intake.registration.models import Petition
from shared import clock
from shared.contracts.assignment import CaseClosedV1, ReplyGivenV1
from tests.browser.conftest import Desk
from tests.browser.faults import AXE, barriers
from tests.ground import Ground
from tests.intake.files import EXE, picture
from tests.intake.steps import case_data, step, tell
from tests.intake.test_portal import submitted

pytestmark = pytest.mark.browser
START, LOOK_UP, STANDING = "/intake/portal", "/intake/portal/look-up", "/intake/portal/standing"
TEXT = "村里的路修了一半就停了，雨天走不了车。请求把路修完。"
FIRST_PAGE = 150_000  # bytes as they are transferred, nothing kept from before


@pytest.fixture
def photo(tmp_path: Path) -> str:
    path = tmp_path / "照片.jpg"
    path.write_bytes(picture("JPEG", exif=True, size=(400, 300)))
    return str(path)


@pytest.fixture
def plain(browser: Browser, address: str) -> Iterator[Desk]:
    """A telephone whose browser runs no script."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, locale="zh-CN", java_script_enabled=False
    )
    yield Desk(context.new_page(), address)
    context.close()


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """What servers may write into their logs of each request: address and headers."""
    found: list[str] = []

    def note(_app: Flask, **_: object) -> None:
        found.append(f"{request.method} {request.url} {request.headers}")

    request_started.connect(note)
    yield found
    request_started.disconnect(note)


def code_of(page: Page) -> str:
    return "".join(page.locator(".receipt .code").inner_text().split())


def look_up(desk: Desk, code: str) -> None:
    desk.go(LOOK_UP)
    desk.page.fill("[name=code]", code)
    desk.press("main form button")


def submit(page: Page, text: str = TEXT) -> None:
    """Fill in the form, without a name, and send it."""
    page.fill("[name=text]", text)
    page.select_option("[name=township]", "420324100")
    page.check("[name=how][value=anonymous]")
    with page.expect_navigation():  # or the next look would meet a page that is going away
        page.click("main form button")


def replied(ground: Ground, **more: Any) -> tuple[dict[str, Any], str]:
    """A petition that was handled, closed and replied to today; and its code."""
    petition, code = submitted(ground, **more)
    step(ground, petition, "accept", category="appeal", procedure="petition")
    ground.settle()
    data = case_data(petition["id"], petition["number"], round=1)
    db, today = ground.instance("intake").db, clock.today()
    tell(db, CaseClosedV1, **data, outcome="explained", closed_at=clock.now())
    tell(db, ReplyGivenV1, **data, means="in_person", replied_on=today)
    return petition, code


def test_a_petition_without_a_name_from_the_start_to_an_answer(
    desk: Desk, together: Ground, photo: str, asked: list[str]
) -> None:
    page = desk.page
    desk.go(START)
    page.click("a.choice >> nth=0")
    assert not page.locator(".who-person").is_visible()
    page.set_input_files("[name=files]", photo)
    submit(page)
    code = code_of(page)
    assert re.fullmatch(r"([2-9A-Z]{4}-){3}[2-9A-Z]{4}", code)
    assert page.locator(".receipt svg").is_visible() and page.locator("[data-print]").is_visible()
    look_up(desk, code.lower().replace("-", " "))
    [petition] = together.rows("intake", Petition)
    assert petition.number in desk.text("h1")
    path = f"/api/petitions/{petition.id}/messages"
    together.client("intake", "clerk-1").post(path, json={"text": "请再发一张照片，谢谢。"})
    desk.go(STANDING)
    desk.press("[role=status] a")
    assert "请再发一张照片" in desk.text(".letters")
    page.fill("#messages textarea", "好的，见附件。")
    page.set_input_files("#messages [name=files]", photo)
    desk.press("#messages form button")
    assert desk.text(".letters").endswith("好的，见附件。")
    assert page.locator(".attachments li").count() == 2 and page.locator(".letters .badge").count() == 0
    desk.press("header form[action$=leave] button")
    desk.go(STANDING)
    assert page.url.endswith(LOOK_UP)
    at_portal = "\n".join(request for request in asked if "/portal" in request)
    assert LOOK_UP in at_portal and str(petition.id) not in at_portal
    assert not any(written in at_portal for written in (code, code.replace("-", "")))


def test_the_qr_code_fills_in_the_code_and_leaves_it_nowhere(
    desk: Desk, together: Ground, asked: list[str]
) -> None:
    _petition, code = submitted(together)
    desk.go(f"{LOOK_UP}#code={code}")
    assert desk.page.input_value("[name=code]") == code
    assert desk.page.url.endswith("/portal/look-up")
    desk.press("main form button")
    assert desk.page.url.endswith("/portal/standing")
    assert not any(code in request for request in asked)


def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(
    desk: Desk, together: Ground, tmp_path: Path
) -> None:
    page = desk.page
    desk.go(f"{START}/submit")
    page.fill("[name=place]", "三组到小学")
    page.check("[name=how][value=joint]")
    page.fill("[name='person.name']", "甲某")
    program = tmp_path / "照片.jpg"
    program.write_bytes(EXE)
    desk.press("main form button")
    assert desk.refused()
    for name in ("text", "person.phone", "petitioner_count"):
        field = page.locator(f"[name='{name}']")
        assert field.get_attribute("aria-invalid") == "true" and field.is_visible()
        assert page.locator(f"[id='{name}-error']").inner_text()
    assert page.input_value("[name=place]") == "三组到小学"
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    page.fill("[name=text]", TEXT)
    page.fill("[name='person.phone']", "13800000000")
    page.fill("[name=petitioner_count]", "12")
    page.set_input_files("[name=files]", str(program))
    desk.press("main form button")
    desk.refused()
    assert page.locator("[id='files-error']").inner_text() and page.input_value("[name=text]") == TEXT
    desk.press("main form button")  # without the file
    assert code_of(page)
    [petition] = together.rows("intake", Petition)
    assert (petition.signature, petition.petitioner_count) == ("joint", 12)


def test_the_whole_way_without_script(plain: Desk, together: Ground, photo: str) -> None:
    page = plain.page
    page.goto(plain.address + START)
    plain.turn("a.choice >> nth=0")
    page.set_input_files("[name=files]", photo)
    submit(page)
    code = code_of(page)
    assert not page.locator("[data-print]").is_visible()
    plain.turn("main a.btn-primary")
    page.fill("[name=code]", code)
    plain.turn("main form button")
    page.fill("#messages textarea", "补充一点")
    plain.turn("#messages form button")
    assert "补充一点" in plain.text(".letters")
    page.click("#retaliation summary")
    page.fill("#retaliation textarea", "有人上门威胁")
    plain.turn("#retaliation button")
    assert "有人上门威胁" in plain.text("#requests")
    plain.turn("header form[action$=leave] button")
    assert page.url.endswith("/portal")
    assert len(together.rows("intake", Message)) == len(together.rows("intake", PetitionerRequest)) == 1


def test_after_the_reply_one_rates_asks_for_review_and_takes_the_consent_back(
    desk: Desk, together: Ground
) -> None:
    _petition, code = replied(together, publicity_consent=True)
    page = desk.page
    look_up(desk, code)
    page.check("#rating [value=dissatisfied]")
    desk.press("#rating button")
    assert page.locator("#rating").count() == 0
    desk.open_step("review")
    desk.press("#review button")
    assert "review-text-error" in page.content()
    desk.refused()
    page.fill("#review textarea", "路面厚度与答复不符")
    desk.press("#review button")
    desk.open_step("withdraw_consent")
    desk.press("#withdraw_consent button")
    desk.open_step("objection")
    page.fill("#objection textarea", "有新证据")
    desk.press("#objection button")
    for gone in ("review", "withdraw_consent", "objection"):
        assert page.locator(f"details#{gone}").count() == 0
    assert page.locator("#requests .card-body p.prose").first.inner_text() == "有新证据"
    made = together.rows("intake", PetitionerRequest)
    assert {request.kind for request in made} == {"review", "withdraw_consent", "objection"}
    assert [rating.rating for rating in together.rows("intake", Rating)] == ["dissatisfied"]
    assert not together.rows("intake", Petition)[0].publicity_consent


def test_what_was_typed_outlives_the_visit(desk: Desk, together: Ground) -> None:
    _petition, code = submitted(together)
    look_up(desk, code)
    desk.open_step("retaliation")
    desk.page.fill("#retaliation textarea", "打了很久的字")
    with clock.travel(clock.now() + timedelta(minutes=31)):
        desk.press("#retaliation button")
        desk.complaints[:] = [said for said in desk.complaints if "status of 401" not in said]
        desk.page.fill("[name=code]", code)
        desk.press("main form button")
        assert desk.page.input_value("#retaliation textarea") == "打了很久的字"
        desk.press("#retaliation button")
    assert [request.text for request in together.rows("intake", PetitionerRequest)] == ["打了很久的字"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_has_a_barrier(desk: Desk, together: Ground, language: str) -> None:
    """The pages that one comes to by a form; the others are in test_every_page.py."""
    page, found = desk.page, {}
    page.context.add_init_script(path=AXE)
    desk.go(f"{START}/submit")
    desk.speak(language)
    page.check("[name=how][value=joint]")
    desk.press("main form button")
    desk.refused()
    found["errors"] = barriers(page)
    submit(page)
    found["receipt"] = barriers(page)
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-Hans", "en": "en"}[language]
    petition, code = replied(together)
    look_up(desk, "2222")
    desk.refused()
    found["wrong code"] = barriers(page)
    look_up(desk, code)
    page.fill("#messages textarea", "在吗")
    desk.press("#messages form button")
    found["standing"] = barriers(page)
    assert found == dict.fromkeys(found, [])


def test_the_first_page_is_light(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN")
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[int] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    page.goto(address + START, wait_until="networkidle")
    context.close()
    assert len(sizes) >= 4 and sum(sizes) < FIRST_PAGE, sizes
