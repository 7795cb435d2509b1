"""The board's pages: every number leads to just as many petitions, in no more queries for many."""

import re
from collections.abc import Iterator
from html import unescape
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from shared import clock
from tests.alone import OneService
from tests.reporting.many import fill_board
from tests.reporting.tale import NOW
from tests.story import Story, at

TOKEN = re.compile(r'name="csrf_token" value="[^"]*"')
COUNTED = re.compile(r'<a href="(/board/petitions\?[^"]+)">([\d,]+)</a>')


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with clock.travel(at(f"{NOW} 12:00")):
        yield


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address, headers={"Accept": "text/html"})
    assert answer.status_code == status, answer.text
    return TOKEN.sub("", answer.text)


def numbers_of(client: FlaskClient, address: str) -> list[str]:
    """The numbers of a list, page after page."""
    numbers: list[str] = []
    while True:
        text = page(client, address)
        numbers += re.findall(r">(ZX\d+-\d+)</a>", text)
        following = re.search(r'rel="next" href="([^"]+)"', text)
        if not following:
            return numbers
        address = unescape(following[1])


@pytest.mark.parametrize("address", ["/board", "/board?township=420324100", "/board/leaders/leader-2"])
@pytest.mark.parametrize("post", ["head", "leader-2", "township-420324100"])
def test_each_number_leads_to_as_many_petitions(reporting: OneService, address: str, post: str) -> None:
    fill_board(reporting.db, 150)
    client = reporting.client(post)
    links = dict(COUNTED.findall(page(client, address)))
    assert len(links) > 8 or (post, address) not in {("head", "/board"), ("leader-2", "/board")}
    for link, shown in links.items():
        assert len(numbers_of(client, unescape(link))) == int(shown.replace(",", "")), link


def test_the_tiles_stand_as_in_the_county_and_lead_to_the_sheet(reporting: OneService) -> None:
    fill_board(reporting.db, 300)
    text = page(reporting.client("head"), "/board?map=late")
    tiles = re.findall(r'<a class="tile shade-\d" href="/board/townships/(\d+)"', text)
    assert tiles[:5] == ["420324107", "420324101", "420324102", "420324100", "420324103"]
    assert len(tiles) == 15
    assert text.count('class="tile-gap"') == 7 * 4 - 15
    client = reporting.client("head")
    behind = numbers_of(client, "/board/petitions?township=420324107&measure=open")
    shown = re.findall(r">(ZX\d+-\d+)</a>", page(client, "/board/townships/420324107"))
    assert len(shown) == min(10, len(behind))
    assert set(shown) <= set(behind)


def test_a_sheet_shows_what_is_due_first(reporting: OneService) -> None:
    stories = [Story(n) for n in range(1, 4)]
    for story, days in zip(stories, (9, -3, 2), strict=True):
        due = NOW.replace(day=NOW.day + days)
        reporting.feed(
            story.registered(), story.accepted(), story.opened(), story.clock("started", uuid4(), due)
        )
    text = page(reporting.client("leader-1"), "/board/leaders/leader-1")
    assert re.findall(r">(ZX\d+-\d+)</a>", text) == [stories[n].number for n in (1, 2, 0)]


@pytest.mark.parametrize(
    "address", ["/board/townships/420324999", "/board/leaders/office-1", "/board/leaders/x"]
)
def test_a_sheet_of_nothing_in_the_county_does_not_exist(reporting: OneService, address: str) -> None:
    page(reporting.client("head"), address, 404)


def test_an_excluded_viewer_sees_the_pages_as_if_nothing_had_come(reporting: OneService) -> None:
    addresses = ("/board", "/board?screen=1", "/board/townships/420324100", "/board/petitions", "/")
    empty = {address: page(reporting.client("township-420324100"), address) for address in addresses}
    story = Story()
    reporting.feed(
        story.registered(),
        story.accepted(excluded=["township-420324100"]),
        story.opened(),
        story.clock("started", uuid4(), NOW),
    )
    for address in addresses:
        assert page(reporting.client("township-420324100"), address) == empty[address]
    assert story.number in page(reporting.client("head"), "/board/petitions")


def test_a_wrong_filter_is_said_and_the_others_hold(reporting: OneService) -> None:
    fill_board(reporting.db, 60)
    for address in ("/board", "/board/petitions"):
        text = page(reporting.client("head"), f"{address}?since=soon&township=420324101", 422)
        assert "月份请写作2026-03。" in text
        assert '<option value="420324101" selected>' in text
    for address in ("/board/tables.xlsx", "/board/petitions.xlsx"):
        page(reporting.client("head"), f"{address}?since=soon", 422)


def test_filters_stay_on_the_way_through_the_list(reporting: OneService) -> None:
    fill_board(reporting.db, 400)
    text = page(reporting.client("head"), "/board/petitions?measure=resolved&since=2025-01&limit=20")
    following = re.search(r'rel="next" href="([^"]+)"', text)
    assert following
    assert "measure=resolved" in following[1]
    assert "since=2025-01" in following[1]
    assert "/board/petitions.xlsx?" in text


def test_the_wall_comes_again_by_itself(reporting: OneService) -> None:
    fill_board(reporting.db, 20)
    text = page(reporting.client("head"), "/board?screen=1")
    assert 'hx-trigger="every 60s"' in text
    assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in text


@pytest.mark.parametrize(
    "address", ["/board", "/board?screen=1", "/board/townships/420324100", "/board/petitions", "/desk/part"]
)
def test_no_page_asks_the_database_more_the_more_there_are(reporting: OneService, address: str) -> None:
    client, asked = reporting.client("head"), []
    event.listen(reporting.db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    fill_board(reporting.db, 1)
    page(client, address)  # the first of a session also notes that it is in use
    asked.clear()
    page(client, address)
    few = len(asked)
    fill_board(reporting.db, 300, seed=2)
    asked.clear()
    page(client, address)
    assert len(asked) == few <= 6
