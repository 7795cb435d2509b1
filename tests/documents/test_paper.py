"""The official layout on paper, as LibreOffice lays it out (GB/T 9704—2012).

Fonts of offices are missing here, so that another stands in for them: tolerances are for their glyphs.
"""

from collections import defaultdict
from itertools import pairwise
from typing import Any

import pytest
from pdfplumber.page import Page
from pdfplumber.pdf import PDF

from tests.documents.samples import GRID, ISSUER

pytestmark = pytest.mark.libreoffice

RED = (1.0, 0.0, 0.0)


def mm(points: float) -> float:
    return points / 72 * 25.4


def lines(page: Page) -> list[list[dict[str, Any]]]:
    """The characters of a page by line, from top to bottom."""
    found = defaultdict(list)
    for sign in page.chars:
        found[round(sign["bottom"])].append(sign)
    return [found[bottom] for bottom in sorted(found)]


def said(line: list[dict[str, Any]]) -> str:
    return "".join(sign["text"] for sign in line)


def rules(page: Page, *, red: bool) -> list[dict[str, Any]]:
    """The horizontal rules of a page from top to bottom, each once."""
    drawn = {
        (round(line["top"], 1), round(line["x0"]), round(line["x1"])): line
        for line in page.lines
        if (line["stroking_color"] == RED) is red and line["x1"] - line["x0"] > 10
    }
    return [drawn[key] for key in sorted(drawn)]


@pytest.fixture(params=["ordinary", "letter"])
def paper(request: pytest.FixtureRequest, laid_out: dict[str, PDF]) -> PDF:
    return laid_out[request.param]


def test_all_pages_are_a4_and_the_text_stays_within_its_edges(paper: PDF) -> None:
    for page in paper.pages:
        assert (mm(page.width), mm(page.height)) == pytest.approx((210, 297), abs=0.2)
        text = [line for line in lines(page) if not said(line).startswith("—")]
        # punctuation may hang over the edge by a character
        inside = [s for line in text for s in line if s["text"] not in "，。、；：？！”）" and s["size"] < 30]
        assert min(mm(s["x0"]) for s in inside) > 28 - 0.2
        assert max(mm(s["x1"]) for s in inside) < 210 - 26 + 0.2
        assert max(mm(s["bottom"]) for s in inside) < 37 + 225 + 1


def test_a_full_page_has_22_lines_of_28_characters(laid_out: dict[str, PDF]) -> None:
    page = laid_out["ordinary"].pages[1]
    grid = [line for line in lines(page) if set(said(line)) == {GRID}]
    text = [line for line in lines(page) if not said(line).startswith("—")]
    assert len(text) == len(grid) == 22
    assert {len(line) for line in grid} <= {26, 28}  # the first of a paragraph begins two further in
    assert sum(len(line) == 28 for line in grid) >= 21
    pitch = [b[0]["bottom"] - a[0]["bottom"] for a, b in pairwise(grid)]
    assert pitch == pytest.approx([28.95] * 21, abs=0.06)
    assert 37 <= mm(grid[0][-1]["top"]) + 1 < 37 + 5


def test_the_head_the_number_and_the_title_are_where_they_belong(laid_out: dict[str, PDF]) -> None:
    page = laid_out["ordinary"].pages[0]
    head, number, title, addressee, *text = lines(page)
    assert said(head) == f"{ISSUER}文件"
    assert {sign["non_stroking_color"] for sign in head} == {RED}
    # the characters' box, which is 1.45 times as high as the characters in the font that stands in
    middle = mm((head[0]["top"] + head[0]["bottom"]) / 2)
    assert middle == pytest.approx(37 + 35 + mm(36 / 2), abs=3)
    assert said(number) == "竹纪通报〔2026〕3号"
    (rule,) = rules(page, red=True)
    assert (mm(rule["x0"]), mm(rule["x1"])) == pytest.approx((28, 184), abs=0.3)
    ink = number[0]["bottom"] - 0.06 * 16
    assert mm(rule["top"] - ink) == pytest.approx(4, abs=1.5)
    assert mm(title[0]["top"] - rule["top"]) == pytest.approx(mm(2 * 28.95), abs=4)
    assert {round(sign["size"]) for sign in title} == {22}
    for line in (head, number, title):
        centre = (min(s["x0"] for s in line) + max(s["x1"] for s in line)) / 2
        assert mm(centre) == pytest.approx(106, abs=1)
    assert mm(addressee[0]["x0"]) == pytest.approx(28, abs=0.3)
    assert len(text) >= 5, "the first page has to show some of the text"


def test_page_numbers_stand_outside_seven_millimetres_below_the_text(paper: PDF, request: Any) -> None:
    numbered = paper.pages[1:] if "letter" in request.node.name else paper.pages
    for page in numbered:
        line = lines(page)[-1]
        assert said(line).replace(" ", "") == f"—{page.page_number}—"
        middle = mm((line[0]["top"] + line[0]["bottom"]) / 2)
        assert middle == pytest.approx(37 + 225 + 7, abs=1)
        edge = mm(line[-1]["x1"]) if page.page_number % 2 else mm(line[0]["x0"])
        assert edge == pytest.approx(184 - mm(14) if page.page_number % 2 else 28 + mm(14), abs=0.5)
    if "letter" in request.node.name:
        assert not said(lines(paper.pages[0])[-1]).startswith("—")


@pytest.mark.parametrize("paragraphs", range(1, 9))
def test_signature_and_imprint_share_the_last_page_with_some_text(
    laid_out: dict[str, PDF], paragraphs: int
) -> None:
    page = laid_out[f"ordinary-{paragraphs}"].pages[-1]
    found = [said(line) for line in lines(page)]
    date = found.index("2026年4月3日")
    assert found[date - 1] == ISSUER
    assert date >= 2, "no text stands above the signature"
    assert [line[:3] for line in found[date + 1 : date + 3]] == ["抄送：", ISSUER[:3]]
    assert found[date + 2].endswith("2026年4月3日印发")
    last = rules(page, red=False)[-3:]
    assert mm(last[-1]["top"]) == pytest.approx(37 + 225, abs=0.4)
    assert all((mm(r["x0"]), mm(r["x1"])) == pytest.approx((28, 184), abs=0.3) for r in last)
    date_line, copies = lines(page)[date], lines(page)[date + 1]
    assert copies[0]["top"] > date_line[0]["bottom"], "the imprint lies on the signature"


def test_the_signature_is_in_the_middle_above_the_date(paper: PDF) -> None:
    page = paper.pages[-1]
    date = next(line for line in lines(page) if said(line) == "2026年4月3日")
    signer = lines(page)[lines(page).index(date) - 1]
    middles = [(line[0]["x0"] + line[-1]["x1"]) / 2 for line in (date, signer)]
    # LibreOffice puts a little white between figures and characters whatever the file says
    assert mm(middles[0]) == pytest.approx(mm(middles[1]), abs=4.5)
    assert mm(date[-1]["x1"]) == pytest.approx(184 - 4 * mm(15.75), abs=1)


def test_the_rules_of_a_letter_are_where_they_belong(laid_out: dict[str, PDF]) -> None:
    first, second = laid_out["letter"].pages[:2]
    thick, thin, lower_thin, lower_thick = rules(first, red=True)
    for rule in (thick, thin, lower_thin, lower_thick):
        assert (mm(rule["x0"]), mm(rule["x1"])) == pytest.approx((20, 190), abs=0.3)
    assert thick["linewidth"] > 2 * thin["linewidth"]
    assert lower_thick["linewidth"] > 2 * lower_thin["linewidth"]
    assert 297 - mm(lower_thick["top"]) == pytest.approx(20, abs=0.6)
    head, number, *_rest = lines(first)
    middle = mm((head[0]["top"] + head[0]["bottom"]) / 2)
    assert middle == pytest.approx(30 + mm(36 / 2), abs=3)
    assert mm(thick["top"]) == pytest.approx(30 + mm(36) + 4, abs=1)
    assert said(number) == "竹纪督函〔2026〕1号"
    assert mm(number[-1]["x1"]) == pytest.approx(184, abs=0.5)
    assert mm((number[0]["top"] + number[0]["bottom"]) / 2 - thin["top"]) == pytest.approx(
        mm(14 + 16 / 2), abs=1.5
    )
    assert rules(second, red=True) == []
