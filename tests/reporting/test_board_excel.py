"""The board as Excel, read back: real types, what one may see and no more, and never a formula."""

import io
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from shutil import copytree
from uuid import uuid4

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from services.reporting.board import export
from services.reporting.board.rules import COUNTS
from services.reporting.service import SERVICE
from shared import clock
from shared.county.load import EXAMPLE
from shared.identity.roles import Role, Viewer
from tests.alone import OneService
from tests.reporting.many import fill_board
from tests.reporting.tale import NOW
from tests.story import Story, at


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with clock.travel(at(f"{NOW} 12:00")):
        yield


def workbook(service: OneService, post: str, address: str) -> Workbook:
    answer = service.client(post).get(address, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    assert answer.content_length == len(answer.data)
    return load_workbook(io.BytesIO(answer.data))


def rows(sheet: Worksheet) -> list[dict[str, object]]:
    heading, *rest = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, heading), row, strict=True)) for row in rest]


def test_the_tables_hold_the_board_in_real_types(reporting: OneService) -> None:
    fill_board(reporting.db, 300)
    board = reporting.get("head", "/api/board")
    book = workbook(reporting, "head", "/board/tables.xlsx")
    assert len(book.sheetnames) == 7
    (overall,) = rows(book["Overall"])
    assert [overall[name] for name in ("Registered", "Open", "Overdue")] == [
        board["totals"][name] for name in ("registered", "open", "late")
    ]
    sheet = book["Township"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:Q{len(board['by_township']) + 1}"
    assert int(sheet.column_dimensions["A"].width) == 24  # and what stands around the characters
    assert [row["Township"] for row in rows(sheet)][:2] == ["Chengguan", "Jiangjiayan"]
    for cells, group in zip(sheet.iter_rows(min_row=2), board["by_township"], strict=True):
        assert [cell.data_type for cell in cells] == ["s", *"n" * (len(cells) - 1)]
        assert [cell.value for cell in cells[1:12]] == [group[name] for name in COUNT_ORDER]
        assert cells[12].number_format == "0.0%"
        assert cells[12].value == pytest.approx(group["resolved_share"] / 100)
    months = [row["Month of registration"] for row in rows(book["Month of registration"])]
    assert months[0] == datetime(2026, 6, 1)
    assert book["Month of registration"]["A2"].number_format == "yyyy-mm"
    pairs = rows(book["Content class by month"])
    assert sum(int(str(row["Registered"])) for row in pairs) == 300


COUNT_ORDER = [
    "registered",
    "open",
    "running",
    "due_soon",
    "late",
    "repeated",
    "resolved",
    "on_time",
    "upheld",
    "rated",
    "satisfied",
]


def test_all_counts_of_the_board_are_in_the_tables() -> None:
    assert sorted(COUNT_ORDER) == sorted(COUNTS)


def test_the_list_has_days_as_days(reporting: OneService) -> None:
    story = Story()
    with clock.travel(at("2026-03-02 10:00")):
        reporting.feed(story.registered(), story.accepted(), story.opened())
    reporting.feed(story.clock("started", uuid4(), NOW.replace(day=14)))
    book = workbook(reporting, "head", "/board/petitions.xlsx?measure=late&since=2026-01")
    about = {row["Item"]: row["Value"] for row in rows(book["About this file"])}
    assert about["Petitions in this file"] == "1"
    assert about["Count"] == "Overdue"
    assert about["Registered from"] == "Jan 2026"
    (row,) = rows(book["Petitions"])
    assert row["Number"] == story.number
    assert row["Registered on"] == datetime(2026, 3, 2)
    assert row["Due on"] == datetime(2026, 6, 14)
    assert row["Warning light"] == "Overdue"
    assert row["Closed on"] is None
    assert book["Petitions"].freeze_panes == "A2"


def test_a_long_list_comes_whole_and_in_order(reporting: OneService) -> None:
    fill_board(reporting.db, 2500)
    found = [
        str(row["Number"]) for row in rows(workbook(reporting, "head", "/board/petitions.xlsx")["Petitions"])
    ]
    assert len(found) == 2500
    assert found == sorted(set(found), reverse=True)


def test_files_hold_what_their_reader_may_see_and_are_named_neutrally(reporting: OneService) -> None:
    seen, hidden = Story(1), Story(2)
    reporting.feed(
        *(event for story in (seen, hidden) for event in (story.registered(), story.opened())),
        seen.accepted(),
        hidden.accepted(excluded=["leader-1", "head"]),
    )
    for post in ("leader-1", "head"):
        book = workbook(reporting, post, "/board/petitions.xlsx")
        assert [row["Number"] for row in rows(book["Petitions"])] == [seen.number]
        (overall,) = rows(workbook(reporting, post, "/board/tables.xlsx")["Overall"])
        assert overall["Registered"] == 1
    assert len(rows(workbook(reporting, "clerk-1", "/board/petitions.xlsx")["Petitions"])) == 2
    answer = reporting.client("head").get("/board/petitions.xlsx?township=420324100")
    assert answer.headers["Content-Disposition"] == "attachment; filename=petitions-2026-06-15.xlsx"
    for path in ("/board/petitions.xlsx", "/board/tables.xlsx"):
        assert reporting.client("operator-1").get(path).status_code == 403
        assert reporting.client("liaison-police").get(path).status_code == 403


def test_nothing_of_a_download_stays_behind(reporting: OneService, tmp_path: Path) -> None:
    fill_board(reporting.db, 5)
    before = {path.name for path in tmp_path.rglob("*")}
    workbook(reporting, "head", "/board/petitions.xlsx")
    workbook(reporting, "head", "/board/tables.xlsx")
    assert {path.name for path in tmp_path.rglob("*")} == before


def test_an_empty_board_gives_tables_of_headings(reporting: OneService) -> None:
    book = workbook(reporting, "head", "/board/tables.xlsx")
    assert rows(book["Township"]) == []
    assert rows(workbook(reporting, "head", "/board/petitions.xlsx")["Petitions"]) == []


def test_more_petitions_than_a_file_holds_are_cut_and_it_says_so(
    reporting: OneService, tmp_path: Path
) -> None:
    fill_board(reporting.db, 25)
    files: dict[int, Workbook] = {}
    folder = tmp_path / "files"
    folder.mkdir()
    for most in (24, 25):
        with reporting.app.test_request_context(), reporting.db.read() as session:
            export.write_petitions(
                folder / "x.xlsx", session, Viewer("head", Role.HEAD, "head"), {}, most=most
            )
        files[most] = load_workbook(folder / "x.xlsx")
        assert [path.name for path in folder.iterdir()] == ["x.xlsx"]  # no part is left over
    for most, book in files.items():
        about, petitions = book.worksheets
        assert petitions.max_row == most + 1
        assert petitions["A2"].value > petitions["A3"].value
        assert about.max_row == (4 if most < 25 else 3)


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Callable[[str], OneService]]:
    """A county in which a township is called like a formula."""
    made: list[OneService] = []

    def make(name: str) -> OneService:
        folder = Path(copytree(EXAMPLE, tmp_path / "county"))
        path = folder / "townships.csv"
        text = path.read_text(encoding="utf-8").replace("城关镇,Chengguan", f'城关镇,"{name}"')
        path.write_text(text, encoding="utf-8")
        made.append(OneService(SERVICE, tmp_path / "data", county_dir=folder))
        return made[-1]

    yield make
    for service in made:
        service.close()


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(A1)", "#REF!", "_x003D_1"])
def test_no_cell_begins_a_formula(hostile: Callable[[str], OneService], name: str) -> None:
    service, story = hostile(name), Story()
    service.feed(story.registered(), story.accepted(), story.opened())
    for address, sheet, place in (
        ("/board/tables.xlsx", "Township", "A2"),
        ("/board/petitions.xlsx", "Petitions", "C2"),
    ):
        book = workbook(service, "head", address)
        cell = book[sheet][place]
        assert (cell.data_type, cell.value.replace("_x005F_", "_")) == ("s", name)
        assert not any(c.data_type in "fe" for s in book for row in s.iter_rows() for c in row)
