"""The returned file: what comes out of it is what went in, and nothing in it runs."""

import tracemalloc
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from services.intake.imports.cells import Lookups, clean_row
from services.intake.imports.columns import REASON_COLUMN, ROW_COLUMN, not_imported, suggest_mapping
from services.intake.imports.report import write_report
from services.intake.imports.rows import Cell, Row, text_cell
from services.intake.imports.sheets import open_sheet
from shared.workbook import CELL_LIMIT, CUT_MARK

HEADER = ["信访编号", "来件日期", "反映内容"]
WORDS = st.text(
    alphabet=st.characters(
        categories=["L", "M", "N", "P", "S", "Zs", "Co"], include_characters="\n\t=+-@_x00D<&>\"'"
    ),
    max_size=40,
)
# Spreadsheets keep milliseconds.
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)).map(lambda m: m.replace(microsecond=0))
CELLS = st.one_of(
    WORDS.map(text_cell),
    st.integers(-(10**15) + 1, 10**15 - 1).map(Cell),
    st.booleans().map(Cell),
    MOMENTS.map(Cell),
    st.sampled_from(
        [
            "#N/A",
            "=1+1",
            "@SUM(A1)",
            "-1",
            "+cmd|' /C calc'!A0",
            "_x000D_",
            "_x005F_x000D_",
            "<r><t>甲</t></r>",
        ]
    ).map(text_cell),
    st.sampled_from(["=A1", "=HYPERLINK(A1)"]).map(lambda formula: Cell(formula, formula=True)),
    st.just(Cell()),
)


def sent_again(path: Path) -> tuple[list[str], list[Row]]:
    with open_sheet(path, path.name) as sheet:
        return sheet.header, list(sheet.rows())


@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=6))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_cell_comes_back_as_it_was(tmp_path: Path, rows: list[tuple[Cell, ...]]) -> None:
    rejected = [(Row(number, cells), "原因") for number, cells in enumerate(rows, 5)]
    assert write_report(tmp_path / "r.xlsx", HEADER, rejected) == len(rows)
    header, again = sent_again(tmp_path / "r.xlsx")
    assert header == [*HEADER, ROW_COLUMN, REASON_COLUMN]
    assert [row.cells[:3] for row in again] == list(rows)
    assert [(row.cells[3].value, row.cells[4].value) for row in again] == [
        (row.number, "原因") for row, _ in rejected
    ]
    assert [[type(cell.value) for cell in row.cells[:3]] for row in again] == [
        [type(c.value) for c in r] for r in rows
    ]


def test_a_mended_file_goes_in_with_the_same_mapping(tmp_path: Path) -> None:
    row = Row(7, (Cell("A1"), Cell(datetime(2026, 3, 5)), Cell()))
    write_report(
        tmp_path / "r.xlsx", HEADER, [(row, "C 反映内容: the text of the petition is missing. Add it.")]
    )
    book = load_workbook(tmp_path / "r.xlsx")
    book.worksheets[0]["C2"] = "村里的路坏了"
    book.save(tmp_path / "mended.xlsx")
    header, [again] = sent_again(tmp_path / "mended.xlsx")
    mapping = suggest_mapping(header)
    assert mapping == suggest_mapping(HEADER) and not_imported(header, mapping) == []
    assert clean_row(again, mapping, Lookups({}, {}), header).values == {
        "source_number": "A1",
        "received_on": date(2026, 3, 5),
        "text": "村里的路坏了",
    }


def test_nothing_in_it_is_a_formula(tmp_path: Path) -> None:
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0"]
    rows = [(Row(2, (Cell(text), Cell("=A1", formula=True), Cell("x"))), "=1") for text in texts]
    write_report(tmp_path / "r.xlsx", ["=HEADER()", *HEADER[1:]], rows)
    with zipfile.ZipFile(tmp_path / "r.xlsx") as file:
        sheet = file.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet and b"<f " not in sheet
        assert b'quotePrefix="1"' in file.read("xl/styles.xml")
    cells = [cell for row in load_workbook(tmp_path / "r.xlsx").worksheets[0].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert all(cell.quotePrefix for cell in cells if str(cell.value).startswith(("=", "+", "-", "@")))


def test_a_formula_that_was_not_mended_is_refused_again(tmp_path: Path) -> None:
    row = Row(2, (Cell("A1"), Cell(), Cell("=B2&C2", formula=True)))
    write_report(tmp_path / "r.xlsx", HEADER, [(row, "reason")])
    header, [again] = sent_again(tmp_path / "r.xlsx")
    [problem] = clean_row(again, suggest_mapping(header), Lookups({}, {}), header).problems
    assert problem.code == "formula"


def test_a_row_that_a_comma_split_is_refused_again_until_it_is_mended(tmp_path: Path) -> None:
    row = Row(2, (Cell("A1"), Cell("2026-03-05"), Cell("村里"), Cell("修路")))
    write_report(tmp_path / "r.xlsx", HEADER, [(row, "reason")])
    header, [again] = sent_again(tmp_path / "r.xlsx")
    assert again.cells[5].value == "修路"
    assert clean_row(again, suggest_mapping(header), Lookups({}, {}), header).refused


def test_a_file_returned_twice_has_its_reasons_once(tmp_path: Path) -> None:
    write_report(tmp_path / "1.xlsx", HEADER, [(Row(7, (Cell("A1"), Cell(), Cell("x"))), "first")])
    header, rows = sent_again(tmp_path / "1.xlsx")
    write_report(tmp_path / "2.xlsx", header, [(row, "second") for row in rows])
    header, [again] = sent_again(tmp_path / "2.xlsx")
    assert header == [*HEADER, ROW_COLUMN, REASON_COLUMN]
    assert [cell.value for cell in again.cells] == ["A1", None, "x", 2, "second"]


def test_long_texts_fit_or_say_that_they_were_cut(tmp_path: Path) -> None:
    exact, long, emoji = "路" * CELL_LIMIT, "路" * 100_000, "😀" * 20_000
    rows = [(Row(2, (Cell(text), Cell(), Cell("一\r\n二\x07\ufffe"))), "r") for text in (exact, long, emoji)]
    write_report(tmp_path / "r.xlsx", HEADER, rows)
    _, again = sent_again(tmp_path / "r.xlsx")
    first, second, third = (str(row.cells[0].value) for row in again)
    assert first == exact
    for cut, whole in ((second, long), (third, emoji)):
        assert cut.endswith(CUT_MARK) and whole.startswith(cut.removesuffix(CUT_MARK))
        assert CELL_LIMIT - 2 <= len(cut.encode("utf-16-le")) // 2 <= CELL_LIMIT
    assert again[0].cells[2].value == "一\n二"


def test_long_numbers_keep_their_digits(tmp_path: Path) -> None:
    row = Row(2, (Cell(420324199001010017), Cell(float("inf")), Cell(datetime(1900, 1, 1))))
    write_report(tmp_path / "r.xlsx", HEADER, [(row, "r")])
    _, [again] = sent_again(tmp_path / "r.xlsx")
    assert [cell.value for cell in again.cells[:3]] == ["420324199001010017", "inf", "1900-01-01 00:00:00"]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_refused_rows(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        rows = ((Row(i, (Cell(f"A{i}"), Cell(), Cell("=路" * 20))), "r") for i in range(count))
        tracemalloc.start()
        write_report(tmp_path / "r.xlsx", HEADER, rows)
        result = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return result

    peak(10)
    assert peak(8_000) < peak(2_000) + 200_000
