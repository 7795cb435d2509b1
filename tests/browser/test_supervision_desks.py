"""Clocks as people meet them: what is due, what is late and where it lies, who asks for more time."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared import clock
from shared.calendar import after_working_days
from tests.browser.conftest import Desk
from tests.factories import accept, case_of, new_petition, petition_body, step
from tests.ground import Ground

pytestmark = pytest.mark.browser
START = datetime(2026, 8, 10, 2, tzinfo=UTC)  # a Monday, ten o'clock in the county
FIRST_DAY, MOVED_DAY = date(2026, 10, 9), date(2026, 10, 19)  # 60 days from the start, and ten more
REASONS = "案情复杂，涉及三个村的账目，需要补充调查。"
Move = Callable[[timedelta], datetime]


@pytest.fixture
def move() -> Iterator[Move]:
    with clock.travel(START) as moving:
        yield moving


@pytest.fixture
def petition(move: Move, together: Ground) -> dict[str, Any]:
    """Accepted on START by the petition procedure, in the hands of leader-1 and office-1."""
    made = new_petition(together, received_on=clock.today().isoformat())
    accept(together, made, procedure="petition")
    together.settle()
    return made


def chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def fill(desk: Desk, id_: str, **fields: str) -> None:
    """Open a step of the petition's page, fill it in and send it."""
    form = desk.open_step(id_)
    for name, value in fields.items():
        field = form.locator(f"[name={name}]")
        field.select_option(value) if name == "reason" else field.fill(value)
    desk.press(form.locator("form button").last)


def clock_of(ground: Ground, petition: dict[str, Any], duty: str = "handling") -> dict[str, Any]:
    path = f"/api/clocks?petition_id={petition['id']}&duty={duty}"
    answer: dict[str, Any] = ground.client("supervision", "head").get(path).get_json()
    (row,) = answer["items"]
    found: dict[str, Any] = row
    return found


def test_an_office_asks_for_more_time_and_the_head_approves_from_the_desk(
    desk: Desk, together: Ground, petition: dict[str, Any]
) -> None:
    handling = clock_of(together, petition)
    page = f"/intake/petitions/{petition['id']}"
    desk.sign_in("office-1-a")
    desk.go("/supervision/")
    desk.press(desk.page.locator("main .lines a", has_text=petition["number"]))
    assert page in desk.page.url
    assert chinese(FIRST_DAY) in desk.text("#duties")
    step_ = f"extension-{handling['id']}"
    fill(desk, step_, days="31", reasons=REASONS)
    assert "30" in desk.refused()
    assert desk.page.locator(f"#{step_}-days").input_value() == "31"
    assert desk.page.locator(f"#{step_}-reasons").input_value() == REASONS
    fill(desk, step_, days="10")
    assert page in desk.page.url
    assert desk.page.locator(f"#{step_}").count() == 0  # one at a time
    desk.sign_out()

    desk.sign_in("head", "supervision")
    assert petition["number"] in desk.text("main section")
    assert chinese(MOVED_DAY) in desk.text("main section")
    desk.press("main button[name=approved][value=true]")
    assert desk.page.locator("[role=status]").is_visible()
    assert desk.page.locator("main button[name=approved]").count() == 0
    desk.go(f"/supervision/petitions/{petition['id']}")
    duties = desk.text("#duties")
    assert chinese(FIRST_DAY) in duties and chinese(MOVED_DAY) in duties
    desk.go("/supervision/duties?duty=handling")
    row = desk.text("#found tbody tr")
    assert chinese(FIRST_DAY) in row and chinese(MOVED_DAY) in row


def test_it_is_put_on_record_that_the_petitioner_was_told(
    desk: Desk, together: Ground, petition: dict[str, Any], move: Move
) -> None:
    asked = ask(together, petition, "extension", days=10)
    decide(together, asked)
    move(timedelta(days=3))
    desk.sign_in("office-1-a")
    desk.go(f"/intake/petitions/{petition['id']}")
    fill(desk, f"notice-{asked['id']}", told_on="2026-08-09")  # before it was approved
    assert desk.page.locator(f"#notice-{asked['id']}-told_on").input_value() == "2026-08-09"
    desk.refused()
    fill(desk, f"notice-{asked['id']}", told_on="2026-08-12")
    assert chinese(date(2026, 8, 12)) in desk.text(f"#request-{asked['id']}")


def test_the_head_turns_down_with_a_reason_and_the_supervisor_reads_it(
    desk: Desk, together: Ground, petition: dict[str, Any]
) -> None:
    asked = ask(together, petition, "pause", reason="hearing")
    desk.sign_in("head")
    desk.go("/supervision/requests")
    desk.press("main button[name=approved][value=false]")
    desk.refused()
    desk.page.fill(f"#decision-{asked['id']}-reasons", "听证尚未确定日期。")
    desk.press("main button[name=approved][value=false]")
    assert petition["number"] not in desk.text()
    desk.sign_out()
    desk.sign_in("supervisor-1")
    desk.go("/supervision/requests?state=refused")
    assert "听证尚未确定日期。" in desk.text() and petition["number"] in desk.text()
    assert desk.page.locator("main button[name=approved]").count() == 0


def test_what_was_decided_meanwhile_is_told(desk: Desk, together: Ground, petition: dict[str, Any]) -> None:
    asked = ask(together, petition, "extension", days=10)
    desk.sign_in("head")
    desk.go("/supervision/requests")
    decide(together, asked)
    desk.press("main button[name=approved][value=true]")
    assert desk.refused()


def test_a_pause_begins_and_ends(desk: Desk, together: Ground, petition: dict[str, Any], move: Move) -> None:
    handling = clock_of(together, petition)
    desk.sign_in("office-1-a")
    desk.go(f"/intake/petitions/{petition['id']}")
    fill(desk, f"pause-{handling['id']}", reasons=REASONS)  # because of what?
    desk.refused()
    fill(desk, f"pause-{handling['id']}", reason="hearing")
    answer: dict[str, Any] = together.client("supervision", "head").get("/api/clock-requests").get_json()
    (asked,) = answer["items"]
    decide(together, asked)
    move(timedelta(days=10))
    desk.sign_in("office-1-a")  # the session is over by now
    desk.go(f"/intake/petitions/{petition['id']}")
    assert desk.page.locator("#duties .light-paused").is_visible()
    fill(desk, f"resumption-{handling['id']}")
    assert clock_of(together, petition)["due_on"] == MOVED_DAY.isoformat()
    assert chinese(MOVED_DAY) in desk.text("#duties")


def test_the_supervisor_sees_what_is_late_and_where_it_lies(
    desk: Desk, together: Ground, petition: dict[str, Any], move: Move
) -> None:
    move(timedelta(days=40))  # no plan: the leader is late, the office has time
    desk.sign_in("supervisor-1")
    desk.go("/supervision/")
    card = desk.page.locator("main section", has=desk.page.locator("tr.is-late"))
    late = card.locator("tr.is-late td a").nth(1)
    assert late.inner_text() == "1"
    desk.go("/supervision/late")
    assert desk.page.locator("#by-unit svg").count() == 1
    desk.press("#by-unit tr.is-late a[href*='light=red']")
    rows = desk.page.locator("#found tbody tr")
    assert rows.count() == 1 and petition["number"] in rows.inner_text()
    desk.press(rows.locator("a"))
    assert desk.page.locator("#duties .light-red").is_visible()
    assert "班子成员（一）" in desk.text("#duties .held")


def test_an_agency_follows_its_receipt_and_sees_nothing_else(
    desk: Desk, together: Ground, petition: dict[str, Any]
) -> None:
    other = new_petition(together)
    path = f"/api/petitions/{other['id']}/transfer"
    step(together, "intake", "clerk-1", path, version=other["version"], to_agency="agency-police")
    together.settle()
    desk.sign_in("liaison-police")
    desk.go("/supervision/")
    assert petition["number"] not in desk.text()
    desk.press(desk.page.locator("main .lines a", has_text=other["number"]).first)
    assert other["number"] in desk.text("h1")
    desk.go("/supervision/duties")
    assert desk.page.locator("#found tbody tr").count() == 1


def test_who_carries_out_an_instruction_reports_it(
    desk: Desk, together: Ground, petition: dict[str, Any]
) -> None:
    due_on = after_working_days(clock.today(), 5).due_on.isoformat()
    body = {"text": "请协助核查。", "addressee": "office-2", "due_on": due_on}
    step(together, "intake", "head", f"/api/petitions/{petition['id']}/instructions", **body)
    together.settle()
    found = clock_of(together, petition, "instruction")
    desk.sign_in("office-2-a")  # of another case's office
    desk.go("/supervision/")
    desk.press(desk.page.locator("main .lines a", has_text=petition["number"]))
    assert desk.page.locator("#duties section").count() == 1  # nothing else of that case
    fill(desk, f"completion-{found['id']}")
    assert clock_of(together, petition, "instruction")["done"] is True


def test_a_township_follows_its_case_by_its_days_alone(
    desk: Desk, together: Ground, petition: dict[str, Any]
) -> None:
    ask(together, petition, "extension", days=10)
    desk.sign_in("township-420324100")
    desk.go(f"/intake/petitions/{petition['id']}")
    assert chinese(FIRST_DAY) in desk.text("#duties")
    assert REASONS not in desk.text()
    assert desk.page.locator("#duties form").count() == 0


@pytest.mark.parametrize("post", ["supervisor-1", "head", "office-1-a", "township-420324100"])
def test_where_nothing_is_due_the_desk_is_calm(desk: Desk, together: Ground, move: Move, post: str) -> None:
    part = together.client("supervision", post).get("/desk/part").text
    assert "Nothing is due with you." in part or "没有待办事项" in part
    assert "<table" not in part and "figures" not in part
    desk.sign_in(post)
    desk.go("/supervision/duties")
    assert desk.page.locator("#found .empty").is_visible()


def test_the_operator_sees_no_duty(together: Ground, petition: dict[str, Any]) -> None:
    operator = together.client("supervision", "operator-1")
    assert petition["number"] not in operator.get("/desk/part").text
    for path in ("/duties", "/late", "/requests"):
        assert operator.get(path).status_code == 403
    assert operator.get(f"/petitions/{petition['id']}").status_code in (403, 404)


def test_a_list_is_searched_and_a_wrong_filter_does_no_harm(
    desk: Desk, together: Ground, petition: dict[str, Any]
) -> None:
    together.client("intake", "clerk-1").post("/api/petitions", json=petition_body())
    together.settle()
    desk.sign_in("clerk-1")
    desk.go(f"/supervision/duties?number={petition['number'][-3:]}&light=purple&after=%00")
    rows = desk.page.locator("#found tbody tr")
    assert {row.split()[0] for row in rows.locator("td:first-child a").all_inner_texts()} == {
        petition["number"]
    }
    desk.page.fill("#filter-number", "ZX1999")
    desk.page.locator("#found .empty").wait_for()  # follows while one types
    assert "number=ZX1999" in desk.page.url


def test_the_terms_are_read_and_a_day_is_reckoned(desk: Desk, move: Move) -> None:
    desk.sign_in("team-1")
    desk.go("/supervision/terms")
    desk.page.select_option("#term", "handling-petition")
    desk.page.fill("#started_on", "2026-08-12")
    desk.press("#reckon form button")
    assert chinese(date(2026, 10, 12)) in desk.text("#reckon [role=status]")  # the 11th is a Sunday
    desk.go("/supervision/terms?term=none&started_on=2026-08-12")
    assert desk.page.locator("#reckon .field-error").is_visible()
    desk.speak("en")
    assert "60 days" in desk.text()


def ask(ground: Ground, petition: dict[str, Any], what: str, **body: Any) -> dict[str, Any]:
    """Ask for an extension or a pause of the handling, as its office."""
    found = clock_of(ground, petition)
    office = case_of(ground, petition["id"])["office"]
    path = f"/api/clocks/{found['id']}/{what}-requests"
    return step(ground, "supervision", f"{office}-a", path, version=found["version"], reasons=REASONS, **body)


def decide(ground: Ground, asked: dict[str, Any]) -> None:
    path = f"/api/clock-requests/{asked['id']}/decision"
    step(ground, "supervision", "head", path, version=asked["version"], approved=True)
