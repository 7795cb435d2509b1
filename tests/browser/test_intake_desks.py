"""Intake as its roles work with it: register, screen, read without a mouse, sign a transfer, ask who."""

import re

import pytest
from playwright.sync_api import Browser, expect

from services.intake.first_reading.models import Instruction, Reading
from services.intake.identities.models import IdentityAccess
from services.intake.registration.models import Petition
from tests.browser.conftest import Desk
from tests.factories import TOWNSHIP, accept, new_petition, step
from tests.ground import Ground

pytestmark = pytest.mark.browser
SAID = "来访人说：村里的水渠去年秋天就断了，几次反映都没有人来看。"
PERSON = {"name": "乙某", "phone": "13900000000"}
CODE = re.compile(r"(?:[2-9A-HJ-NP-Z]{4}-){3}[2-9A-HJ-NP-Z]{4}")


def code_shown(desk: Desk) -> str:
    return re.sub(r"\s", "", desk.text(".receipt .code"))


def test_the_clerk_registers_a_visit_in_one_page_and_accepts_it(desk: Desk, together: Ground) -> None:
    desk.sign_in("clerk-1")
    desk.press("a[href$='/register/new?channel=visit']")
    page = desk.page
    assert page.input_value("#channel") == "visit"
    assert page.input_value("#received_on")
    desk.press("main form button[data-key='ctrl+enter']")  # nothing said yet: told beside the field
    assert desk.refused()
    assert page.locator("#text-error").is_visible()
    assert page.input_value("#channel") == "visit"
    page.fill("[id='person.name']", PERSON["name"])
    page.fill("[id='person.phone']", PERSON["phone"])
    page.fill("#text", SAID)
    page.select_option("#township", TOWNSHIP)
    page.fill("#place", "桥头村")
    page.set_input_files("#files", {"name": "水渠.txt", "mimeType": "text/plain", "buffer": SAID.encode()})
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert CODE.fullmatch(code_shown(desk))
    assert desk.page.locator(".receipt svg").is_visible()
    assert "ZX" in desk.text(".receipt")
    desk.press("main a.btn-primary")
    assert SAID in desk.text()
    assert PERSON["name"] not in desk.text()
    form = desk.open_step("accept")
    form.locator("[name=category]").select_option("appeal")
    desk.press(form.locator("button.btn-primary"))
    (petition,) = together.rows("intake", Petition)
    assert (petition.state, petition.channel, petition.township) == ("accepted", "visit", TOWNSHIP)
    assert desk.page.locator("[role=status]").is_visible()


def test_what_others_do_comes_into_the_open_page(desk: Desk, together: Ground) -> None:
    petition = new_petition(together)
    accept(together, petition)
    desk.sign_in("clerk-1")
    desk.go(f"/intake/petitions/{petition['id']}")
    words = {"text": "请在十日内答复。", "addressee": "office-1"}
    step(together, "intake", "head", f"/api/petitions/{petition['id']}/instructions", **words)
    desk.page.get_by_text(words["text"]).wait_for()


def test_the_head_reads_three_without_a_mouse(desk: Desk, together: Ground) -> None:
    first = new_petition(together, superior_assigned=True)
    others = [new_petition(together) for _ in range(2)]
    desk.sign_in("head")
    desk.go("/intake/reading")
    page = desk.page

    def press(key: str) -> None:
        with page.expect_navigation():
            page.keyboard.press(key)

    def shown() -> str | None:
        return page.locator("form[action$='/instruction']").get_attribute("action")

    press("Control+Enter")  # what a superior organ assigned comes first
    assert first["id"] in (shown() or "")
    page.keyboard.press("i")
    page.keyboard.type("请第一室认真核查，")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    press("Control+Enter")
    assert others[0]["id"] in (shown() or "")
    press("n")  # not now
    assert others[1]["id"] in (shown() or "")
    press("r")
    assert page.url.endswith("/reading")
    press("Control+Enter")  # what was left out is still there
    assert others[0]["id"] in (shown() or "")
    page.keyboard.press("i")
    page.keyboard.type("先不写了")
    page.keyboard.press("Escape")
    press("r")
    assert page.locator(".empty").is_visible()
    (signed,) = together.rows("intake", Instruction)
    assert signed.text == "请第一室认真核查，"
    assert len(together.rows("intake", Reading)) == 3


def test_the_deputy_reads_on_a_delegation_and_not_after(desk: Desk, together: Ground) -> None:
    petition = new_petition(together)
    desk.sign_in("head")
    desk.go("/intake/delegations")
    desk.page.fill("#delegate-ends_on", "2020-01-01")
    desk.press("main form .btn-primary")
    assert desk.refused()
    desk.page.fill("#delegate-ends_on", desk.page.input_value("#delegate-starts_on"))
    desk.press("main form .btn-primary")
    assert desk.page.locator("tbody tr").count() == 1
    desk.sign_out()
    desk.sign_in("deputy")
    desk.press("a[href$='/reading/next']")
    assert petition["text"] in desk.text()
    desk.press("button[data-key=r]")
    desk.sign_out()
    desk.sign_in("head")
    desk.go("/intake/delegations")
    desk.page.click("tbody summary")
    desk.press("tbody .btn-danger")
    desk.sign_out()
    desk.sign_in("deputy")
    assert desk.page.locator("a[href$='/reading/next']").count() == 0


def test_the_liaison_signs_for_one_and_sends_one_back(desk: Desk, together: Ground) -> None:
    for _ in range(2):
        petition = new_petition(together)
        body = {"version": petition["version"], "to_agency": "agency-police"}
        step(together, "intake", "clerk-1", f"/api/petitions/{petition['id']}/transfer", **body)
    together.settle()
    desk.sign_in("liaison-police")
    lines = desk.page.locator("section[aria-labelledby=to-sign] li")
    assert lines.count() == 2
    desk.press(lines.first.locator("a"))
    assert petition["text"] in desk.text()
    desk.press("form[action$='/sign'] button")
    assert desk.page.locator("form[action$='/sign']").count() == 0
    desk.go("/intake/transfers?state=waiting")
    desk.press("tbody a")
    back = desk.open_step("return")
    desk.press(back.locator("button.btn-primary"))
    assert desk.refused()
    back = desk.open_step("return")
    back.locator("[name=reason]").select_option("not_competent")
    back.locator("[name=note]").fill("属于人社部门的职责。")
    desk.press(back.locator("button.btn-primary"))
    assert petition["text"] not in desk.text()
    desk.go("/intake/")
    assert lines.count() == 0
    together.settle()
    desk.sign_out()
    desk.sign_in("clerk-1")
    assert desk.page.locator("section[aria-labelledby=to-screen] li").count() == 1


def test_the_township_sees_what_was_accepted_and_registers_itself(desk: Desk, together: Ground) -> None:
    waiting, seen = new_petition(together, title="还没有受理"), new_petition(together, title="已经受理的事")
    accept(together, seen)
    desk.sign_in(f"township-{TOWNSHIP}")
    assert seen["number"] in desk.text()
    assert waiting["number"] not in desk.text()
    desk.press("a[href$='/register/new?channel=visit']")
    assert desk.page.input_value("#organ") == "township"
    desk.page.fill("#text", SAID)
    desk.press("main form button[data-key='ctrl+enter']")
    desk.press("main a.btn-primary")
    form = desk.open_step("decline")
    form.locator("[name=reason]").select_option("no_substance")
    form.locator("[name=where_to_go]").fill("请补充时间和地点后再来。")
    desk.press(form.locator("button.btn-primary"))
    assert "请补充时间和地点后再来。" in desk.text()


def test_who_it_is_is_shown_once_for_a_reason(desk: Desk, together: Ground) -> None:
    petition = new_petition(together, person=PERSON)
    desk.sign_in("clerk-1")
    desk.go(f"/intake/petitions/{petition['id']}")
    form = desk.open_step("identity")
    desk.press(form.locator("button.btn-primary"))
    assert desk.refused()  # not without a reason
    form = desk.open_step("identity")
    form.locator("[name=reason]").fill("约见面的时间")
    desk.press(form.locator("button.btn-primary"))
    assert PERSON["name"] in desk.text()
    assert PERSON["phone"] in desk.text()
    desk.press("main a.btn-primary")
    assert PERSON["name"] not in desk.text()
    desk.page.locator("summary", has_text="1").last.click()
    assert "约见面的时间" in desk.text()
    assert [(a.post, a.granted) for a in together.rows("intake", IdentityAccess)] == [("clerk-1", True)]


def test_a_lost_code_is_replaced_and_the_old_one_opens_nothing(desk: Desk, together: Ground) -> None:
    body = {"channel": "letter", "text": SAID, "received_on": "2026-01-05"}
    registered = step(together, "intake", "clerk-1", "/api/petitions", **body)
    desk.sign_in("clerk-1")
    desk.go(f"/intake/petitions/{registered['petition']['id']}")
    desk.page.locator("details.confirmation summary").first.click()
    desk.press("form[action$='/code'] button")
    issued = code_shown(desk)
    assert CODE.fullmatch(issued)
    portal = together.client("intake", None)
    assert portal.post("/api/portal/lookup", json={"code": issued}).status_code == 200
    assert portal.post("/api/portal/lookup", json={"code": registered["code"]}).status_code == 404


def test_of_two_clerks_the_later_sees_what_is_there_now_and_what_they_typed(
    desk: Desk, together: Ground
) -> None:
    petition = new_petition(together, content_class="09")
    desk.sign_in("clerk-2")
    desk.go(f"/intake/petitions/{petition['id']}")
    form = desk.open_step("accept")
    form.locator("[name=category]").select_option("suggestion")
    form.locator("[name=content_class]").select_option("01")
    accept(together, petition)  # by the other clerk, as an appeal
    desk.press(form.locator("button.btn-primary"))
    assert desk.refused()
    form = desk.page.locator("details#accept")
    assert form.locator("[name=category]").input_value() == "suggestion"
    assert form.locator("[name=content_class]").input_value() == "01"
    assert form.locator(".stands").count() == 2  # how category and class stand now
    (kept,) = together.rows("intake", Petition)
    assert (kept.category, kept.content_class) == ("appeal", "09")


def test_what_was_typed_outlives_the_session(desk: Desk, together: Ground) -> None:
    desk.sign_in("clerk-1")
    desk.go("/intake/register/new?channel=call")
    desk.page.fill("#text", SAID)
    desk.page.context.clear_cookies()
    desk.press("main form button[data-key='ctrl+enter']")
    desk.complaints.clear()  # Chromium itself notes the 401
    desk.page.fill("#post", "clerk-1")
    desk.page.fill("#password", "zhuxi-demo")
    desk.press("main form button")
    desk.press("main form button.btn-primary")
    (petition,) = together.rows("intake", Petition)
    assert (petition.text, petition.channel) == (SAID, "call")


def test_the_register_is_searched_by_number_place_and_topic(desk: Desk, together: Ground) -> None:
    here = new_petition(together, title="水渠断了", place="桥头村三组")
    there = new_petition(together, title="学校食堂收据对不上", place="双河口村", township="420324101")
    desk.sign_in("clerk-1")
    desk.go("/intake/register")
    found = desk.page.locator("#found tbody tr")
    for words, petition in (("桥头村 水渠", here), (there["number"], there), ("蒋家堰", there)):
        with desk.page.expect_response(re.compile("/register")):
            desk.page.fill("[name=q]", words)
        expect(desk.page.locator("#found tbody tr")).to_have_count(1)
        assert petition["number"] in found.inner_text()
        desk.page.wait_for_url(re.compile("q="))  # to be shared
    with desk.page.expect_response(re.compile("/register")):
        desk.page.fill("[name=q]", "没有这样的事")
    desk.page.locator("#found .empty").wait_for()


def test_what_concerns_the_head_leaves_by_the_sealed_route(desk: Desk, together: Ground) -> None:
    petition = new_petition(together)
    desk.sign_in("clerk-1")
    desk.press("a[href$='/sealed/new']")
    assert desk.page.locator("main textarea").count() == 0
    desk.press("main form .btn-primary")
    assert desk.page.locator("tbody tr").count() == 1
    desk.go(f"/intake/petitions/{petition['id']}")
    desk.page.locator("details.confirmation summary").last.click()
    desk.press("form[action$='/seal-away'] button")
    assert petition["number"] in desk.text("tbody")
    desk.page.goto(f"{desk.address}/intake/petitions/{petition['id']}")
    desk.complaints.clear()  # Chromium itself notes the 404
    assert petition["text"] not in desk.text()


def test_a_message_is_read_and_answered(desk: Desk, together: Ground) -> None:
    body = {"channel": "letter", "text": SAID, "received_on": "2026-01-05"}
    registered = step(together, "intake", "clerk-1", "/api/petitions", **body)
    portal = together.client("intake", None)
    portal.post("/api/portal/messages", json={"code": registered["code"], "text": "我还有一张照片。"})
    desk.sign_in("clerk-1")
    desk.press("section[aria-labelledby=unread] a")
    assert "我还有一张照片。" in desk.text("#messages")
    form = desk.open_step("message")
    form.locator("[name=text]").fill("请您下周一带来。")
    desk.press(form.locator("button.btn-primary"))
    assert "请您下周一带来。" in desk.text("#messages")
    desk.go("/intake/")
    assert desk.page.locator("section[aria-labelledby=unread]").count() == 0


def test_all_of_it_works_without_script(browser: Browser, address: str, together: Ground) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    desk = Desk(context.new_page(), address)
    page = desk.page
    page.goto(f"{address}/intake/sign-in")
    page.fill("#post", "clerk-1")
    page.fill("#password", "zhuxi-demo")
    desk.turn("main form button")
    desk.turn("a[href$='/register/new?channel=visit']")
    page.fill("#text", SAID)
    desk.turn("main form button.btn-primary")
    desk.turn("main a.btn-primary")
    page.click("details#accept summary")
    page.select_option("[id='accept-category']", "appeal")
    page.select_option("[id='accept-township']", TOWNSHIP)
    desk.turn("details#accept button.btn-primary")
    (petition,) = together.rows("intake", Petition)
    assert petition.state == "accepted"
    context.close()
