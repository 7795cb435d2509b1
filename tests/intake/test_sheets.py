"""Files as offices send them: any program, any encoding, damaged, disguised or hostile."""

import time
import tracemalloc
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from services.intake.imports.cells import Lookups, clean_row
from services.intake.imports.columns import suggest_mapping
from services.intake.imports.rows import Cell
from services.intake.imports.sheets import Row, open_sheet
from shared.errors import Invalid, TooLarge
from tests.intake.workbook_parts import inline, parts, write_like_excel, write_parts

HEADER = ["信访编号", "来件日期", "反映内容"]
DATA = Path(__file__).parents[3] / "shared" / "data"


def book(path: Path, *rows: Sequence[object]) -> Path:
    workbook = Workbook()
    for row in rows:
        workbook.worksheets[0].append(list(row))
    workbook.save(path)
    return path


def read(path: Path, name: str = "petitions.xlsx") -> tuple[list[str], list[Row]]:
    with open_sheet(path, name) as sheet:
        return sheet.header, list(sheet.rows())


def values(rows: list[Row]) -> list[list[object]]:
    return [[cell.value for cell in row.cells] for row in rows]


def refusal(path: Path, name: str = "petitions.xlsx") -> str:
    with pytest.raises(Invalid) as caught:
        read(path, name)
    assert "file" in caught.value.fields
    return str(caught.value)


def test_title_and_blank_rows_are_skipped_and_numbers_stay_those_of_the_file(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a",
        ["二〇二六年信访台账"],
        [],
        HEADER,
        ["A1", datetime(2026, 3, 5, 14, 42), "修路"],
        [None, "  \u3000", None],
        ["A2", 46086, "水费\n太高"],
    )
    with open_sheet(path, "a.xlsx") as sheet:
        assert (sheet.header, sheet.header_row, sheet.kind, sheet.encoding) == (HEADER, 3, "xlsx", None)
        assert sheet.claimed_rows == 3
        rows = list(sheet.rows())
        assert [row.number for row in rows] == [4, 6]
        assert [row.number for row in sheet.rows(after=4)] == [6]
    assert values(rows) == [["A1", datetime(2026, 3, 5, 14, 42), "修路"], ["A2", 46086, "水费\n太高"]]


def test_unknown_names_make_the_first_row_the_header(tmp_path: Path) -> None:
    header, rows = read(book(tmp_path / "a", ["甲", "乙"], ["1", "2"]))
    assert (header, values(rows)) == (["甲", "乙"], [["1", "2"]])


def test_a_table_without_names_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "a", ["A1", datetime(2026, 3, 5), "修路"], ["A2", datetime(2026, 3, 6), "水费"])
    assert "names of the columns" in refusal(path)


def test_formulas_are_seen_and_not_computed_and_errors_are_marked(tmp_path: Path) -> None:
    _, rows = read(book(tmp_path / "a", HEADER, ["=1+1", "#N/A", "是 =1+1"]))
    assert rows[0].cells == (Cell("=1+1", formula=True), Cell("#N/A", error=True), Cell("是 =1+1"))


def test_the_first_visible_sheet_with_rows_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    workbook = Workbook()
    workbook.worksheets[0].title = "空"
    for name, state in (("名单", "hidden"), ("三月", "visible"), ("二月", "visible")):
        sheet = workbook.create_sheet(name)
        sheet.sheet_state = state
        sheet.append(HEADER)
        sheet.append([name, None, "内容"])
    workbook.save(tmp_path / "a")
    with open_sheet(tmp_path / "a", "a.xlsx") as opened:
        assert opened.other_sheets == ["名单", "二月"]
        assert values(list(opened.rows())) == [["三月", None, "内容"]]


def test_built_in_chinese_date_formats_are_dates(tmp_path: Path) -> None:
    contents = parts(
        f"<row>{inline(*HEADER)}</row><row><c/><c s='1'><v>46086.5</v></c>{inline('内容')}</row>"
    )
    contents["xl/styles.xml"] = (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        "<fonts><font/></fonts><fills><fill><patternFill/></fill></fills><borders><border/></borders>"
        '<cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="31"/></cellXfs>'
        "</styleSheet>"
    )
    _, rows = read(write_parts(tmp_path / "a", contents))
    assert rows[0].cells[1].value == datetime(2026, 3, 5, 12)


def test_unreadable_styles_do_not_stop_the_rows(tmp_path: Path) -> None:
    contents = parts(f"<row>{inline(*HEADER)}</row><row>{inline('1', '2', '3')}</row>")
    contents["xl/styles.xml"] = "<styleSheet><broken"
    assert len(read(write_parts(tmp_path / "a", contents))[1]) == 1


def test_excels_own_escapes_are_undone(tmp_path: Path) -> None:
    path = write_like_excel(tmp_path / "a", [HEADER, ["_x005F_x000D_", "_xD83D_", "一_x000A_二 x005F_"]])
    assert values(read(path)[1]) == [["_x000D_", "_xD83D_", "一\n二 x005F_"]]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_in_every_encoding_and_dialect(tmp_path: Path, encoding: str, delimiter: str) -> None:
    lines = ["编号,标题,内容", '1,路,"一，\r\n二"","', "", "=1+1,@,三", ""]
    text = "\r\n".join(lines).replace(",", delimiter)
    (tmp_path / "a").write_bytes(text.encode(encoding))
    header, rows = read(tmp_path / "a", "a.csv")
    assert header == ["编号", "标题", "内容"]
    assert [row.number for row in rows] == [2, 4]
    assert values(rows) == [["1", "路", f'一，\r\n二"{delimiter}'], ["=1+1", "@", "三"]]
    assert not rows[1].cells[0].formula


def test_the_delimiter_line_of_spreadsheets_is_obeyed_and_not_counted(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("sep=;\n编号;内容\n1;路,桥\n", encoding="utf-8")
    header, rows = read(tmp_path / "a", "a.csv")
    assert (header, values(rows), rows[0].number) == (["编号", "内容"], [["1", "路,桥"]], 2)


@given(
    rows=st.lists(
        st.lists(st.text(alphabet="路桥水费，。,;\t\"'\n =+-@0a龘𠮷", max_size=12), min_size=3, max_size=3),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_gbk_and_utf8_give_equal_rows(tmp_path: Path, rows: list[list[str]]) -> None:
    def quoted(cells: list[str]) -> str:
        return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)

    text = "\r\n".join(map(quoted, [HEADER, *rows])) + "\r\n"
    (tmp_path / "u").write_bytes(text.encode("utf-8"))
    (tmp_path / "g").write_bytes(text.encode("gb18030"))
    first, second = read(tmp_path / "u", "u.csv"), read(tmp_path / "g", "g.csv")
    assert first == second
    assert values(first[1]) == [[c or None for c in row] for row in rows if "".join(row).strip()]


def test_damaged_utf8_is_not_taken_for_gbk(tmp_path: Path) -> None:
    text = "编号,内容\n1,村里的路坏了很久没有人来修，请派人来看看\n".encode()
    (tmp_path / "a").write_bytes(text + b"2,\xe8\xb7\n3,\xe6\xa1\xa5\n")
    assert "Line 3" in refusal(tmp_path / "a", "a.csv")


def test_an_open_quotation_mark_is_refused_before_any_row_is_used(tmp_path: Path) -> None:
    (tmp_path / "a").write_text('编号,内容\n1,路\n2,"桥\n3,水\n', encoding="utf-8")
    assert "Row 3" in refusal(tmp_path / "a", "a.csv")


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (OLE + "Workbook".encode("utf-16-le"), "old .xls"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        (OLE + "WordDocument".encode("utf-16-le"), "not a spreadsheet"),
        (b"%PDF-1.7\n1 0 obj", "not a spreadsheet"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "not a spreadsheet"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "not a spreadsheet"),
        (b"BM6\x00\x00\x00" + bytes(range(40)), "not a spreadsheet"),
        (b"{\\rtf1 text}", "not a spreadsheet"),
        (bytes(range(256)) * 4, "not a spreadsheet"),
        (bytes(range(1, 256)) * 5, "not a spreadsheet"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "web page"),
        (b"<?xml version='1.0'?><Workbook/>", "web page"),
        (b"PK\x03\x04 and no more", "damaged"),
    ],
)
def test_what_is_no_table_is_refused_whatever_its_name(tmp_path: Path, content: bytes, advice: str) -> None:
    (tmp_path / "a").write_bytes(content)
    for name in ("a.csv", "a.doc", "a"):
        assert advice in refusal(tmp_path / "a", name)


@pytest.mark.parametrize(
    ("part", "advice"),
    [
        ("word/document.xml", "not a spreadsheet"),
        ("xl/workbook.bin", ".xlsx format"),
        ("content.xml", ".xlsx format"),
    ],
)
def test_other_zip_files_are_refused(tmp_path: Path, part: str, advice: str) -> None:
    assert advice in refusal(write_parts(tmp_path / "a", {part: "<x/>"}))


def test_a_csv_named_xlsx_and_a_workbook_named_csv_are_read_by_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("编号,内容\n1,路\n", encoding="utf-8")
    assert len(read(tmp_path / "a", "a.xlsx")[1]) == 1
    assert len(read(book(tmp_path / "b", HEADER, ["1", None, "路"]), "b.csv")[1]) == 1


def test_a_file_over_the_limit(tmp_path: Path) -> None:
    path = book(tmp_path / "a", HEADER)
    with pytest.raises(TooLarge):
        open_sheet(path, "a.xlsx", max_bytes=path.stat().st_size - 1)
    open_sheet(path, "a.xlsx", max_bytes=path.stat().st_size).close()


def test_no_rows_at_all(tmp_path: Path) -> None:
    assert "filled row" in refusal(book(tmp_path / "a"))


def peak_of_reading(path: Path) -> int:
    with open_sheet(path, path.name) as sheet:
        tracemalloc.start()
        for _ in sheet.rows():
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, kind: str) -> None:
    def write(count: int) -> Path:
        rows = [HEADER, *([f"A{i}", "2026-03-05", f"第{i}件：" + "村里的路" * 20] for i in range(count))]
        path = tmp_path / f"{count}.{kind}"
        if kind == "xlsx":
            return write_like_excel(path, rows)
        path.write_text("\n".join(map(",".join, rows)), encoding="utf-8")
        return path

    small, large = peak_of_reading(write(2_000)), peak_of_reading(write(40_000))
    assert large < small + 200_000


@pytest.mark.slow
def test_opening_takes_8_bytes_a_string(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = write_like_excel(
            tmp_path / str(count), [HEADER, *(["1", "2", f"{i}路" * 40] for i in range(count))]
        )
        tracemalloc.start()
        open_sheet(path, "a.xlsx").close()
        result = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return result

    assert peak(20_000) < peak(1_000) + 2 * 8 * 3 * 19_000 + 200_000


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.parametrize(("name", "filled", "claimed"), [("labelled", 495, 65_202), ("replied", 1_900, None)])
def test_real_files_are_read_whole(name: str, filled: int, claimed: int | None) -> None:
    path = DATA / f"messages-{name}.xlsx"
    if not path.exists():
        pytest.skip("the real messages are not on this machine")
    started = time.perf_counter()
    with open_sheet(path, path.name) as sheet:
        assert sheet.claimed_rows == claimed
        mapping = suggest_mapping(sheet.header)
        assert {"source_number", "received_on", "petitioner_name", "title", "text"} <= mapping.keys()
        mapping.pop("content_class", None)
        rows = list(sheet.rows())
        cleaned = [clean_row(row, mapping, Lookups({}, {}), sheet.header) for row in rows]
    print(f"{path.name}: {len(rows)} rows in {time.perf_counter() - started:.2f} s")
    assert len(rows) == filled
    # Counts only: a failure must not print a message.
    assert sum(row.refused for row in cleaned) == 0
    assert sum(len(row.values) == len(mapping) for row in cleaned) == filled
    assert (
        sum(date(2010, 1, 1) <= row.values["received_on"] <= date(2020, 12, 31) for row in cleaned) == filled
    )
