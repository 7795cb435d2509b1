"""Workbooks that are damaged, or made to exhaust or deceive the reader."""

import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.intake.imports import archive
from services.intake.imports.sheets import open_sheet
from shared.errors import Invalid
from tests.intake.test_sheets import HEADER, book, read, refusal
from tests.intake.workbook_parts import inline, parts, write_parts


def test_a_zip_bomb_is_refused_from_its_directory(tmp_path: Path) -> None:
    contents = parts(f"<row>{inline(*HEADER)}</row>")
    contents["xl/media/image.xml"] = " " * (11 * 2**20)
    assert "unpack" in refusal(write_parts(tmp_path / "a", contents))


def test_a_directory_that_understates_its_sizes_gains_nothing(tmp_path: Path) -> None:
    rows = "".join(f"<row>{inline('1', '2', '3')}</row>" for _ in range(2_000))
    path = write_parts(tmp_path / "a", parts(f"<row>{inline(*HEADER)}</row>{rows}"))
    with zipfile.ZipFile(path) as file:
        real = file.getinfo("xl/worksheets/sheet1.xml").file_size
    content = path.read_bytes()
    forged = content.replace(real.to_bytes(4, "little"), (5_000).to_bytes(4, "little"))
    assert forged != content
    path.write_bytes(forged)
    assert "damaged" in refusal(path)


@pytest.mark.parametrize("where", ["row", "string"])
def test_one_endless_piece_is_refused_while_streaming(tmp_path: Path, where: str) -> None:
    text = "".join(chr(0x4E00 + (i * 7919) % 20000) for i in range(archive.MAX_PIECE // 3 + 10_000))
    header = f"<row>{inline(*HEADER)}</row>"
    if where == "row":
        contents = parts(f"{header}<row>{inline('1', '2', text)}</row>")
    else:
        contents = parts(header, f"<si><t>{text}</t></si>")
    assert "unpack" in refusal(write_parts(tmp_path / "a", contents))


def test_a_row_of_countless_cells_is_refused(tmp_path: Path) -> None:
    path = write_parts(tmp_path / "a", parts(f"<row>{inline(*HEADER)}</row><row>{'<c/>' * 20_001}</row>"))
    assert "unpack" in refusal(path)


def test_a_cell_far_to_the_right_is_refused_and_a_far_blank_one_is_not(tmp_path: Path) -> None:
    header = f'<row r="1">{inline(*HEADER)}</row>'
    far = '<row r="2">{}<c r="XFD2"{}</row>'
    fine = parts(header + far.format(inline("1", "2", "3"), "/>"))
    assert len(read(write_parts(tmp_path / "a", fine))[1]) == 1
    wide = parts(header + far.format(inline("1", "2", "3"), "><v>1</v></c>"))
    assert "Row 2" in refusal(write_parts(tmp_path / "b", wide))


def test_rows_at_the_far_end_do_not_cost_the_gap(tmp_path: Path) -> None:
    far = f'<row r="1048576">{inline("1", "2", "3")}</row>'
    _, rows = read(write_parts(tmp_path / "a", parts(f'<row r="1">{inline(*HEADER)}</row>{far}')))
    assert [row.number for row in rows] == [1_048_576]


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"]
)
def test_xml_entities_are_refused_in_every_part(tmp_path: Path, part: str) -> None:
    contents = parts(f"<row>{inline(*HEADER)}</row>", "<si><t>x</t></si>")
    contents.setdefault("xl/styles.xml", "<styleSheet/>")
    body = contents[part].removeprefix('<?xml version="1.0" encoding="UTF-8"?>')
    contents[part] = f'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>{body}'
    assert "XML entities" in refusal(write_parts(tmp_path / "a", contents))


def test_a_sheet_that_breaks_off_gives_its_sound_rows_and_then_says_so(tmp_path: Path) -> None:
    contents = parts(f"<row>{inline(*HEADER)}</row>" + f"<row>{inline('1', '2', '3')}</row>" * 20)
    sheet = contents["xl/worksheets/sheet1.xml"]
    contents["xl/worksheets/sheet1.xml"] = sheet.replace("</sheetData></worksheet>", "<row><c" + " " * 70_000)
    with open_sheet(write_parts(tmp_path / "a", contents), "a.xlsx") as opened:
        rows = opened.rows()
        assert [next(rows).number for _ in range(20)] == list(range(2, 22))
        with pytest.raises(Invalid, match="damaged"):
            next(rows)


def test_a_package_that_names_no_workbook(tmp_path: Path) -> None:
    contents = parts(f"<row>{inline(*HEADER)}</row>")
    contents["[Content_Types].xml"] = contents["[Content_Types].xml"].replace("sheet.main", "sheet.mane")
    assert "damaged" in refusal(write_parts(tmp_path / "a", contents))


@pytest.mark.parametrize("index", ["7", "-1", "x"])
def test_a_string_that_does_not_exist(tmp_path: Path, index: str) -> None:
    row = f'<row><c t="s"><v>{index}</v></c></row>'
    path = write_parts(tmp_path / "a", parts(f"<row>{inline(*HEADER)}</row>{row}", "<si><t>a</t></si>"))
    assert "damaged" in refusal(path)


@given(data=st.data())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_workbook_is_read_or_refused_and_nothing_else(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(book(tmp_path / "a", HEADER, ["A1", datetime(2026, 3, 5), "修路"]).read_bytes())
    # The workbook says when it was made, so that its length differs by a few bytes: draw parts of it.
    place = st.integers(0, 9_999).map(lambda part: 4 + part * (len(content) - 4) // 10_000)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(place)] = data.draw(st.integers(0, 255))
    (tmp_path / "b").write_bytes(content[: data.draw(place)])
    try:
        read(tmp_path / "b")
    except Invalid as refused:
        assert refused.fields == {"file": [refused.message]}
