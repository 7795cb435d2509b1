"""One cell at a time: what offices write, and what is refused with a reason."""

import unicodedata
from datetime import datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.intake.imports.cells import CleanRow, Lookups, clean_row
from services.intake.imports.columns import FIELDS
from services.intake.imports.rows import Cell, CellValue, Row
from services.intake.imports.values import _CHANNELS, _LIMITS
from services.intake.registration.models import Petition
from services.intake.registration.rules import LONGEST_TEXT
from shared.contracts.intake import CHANNELS
from shared.text import clean_line, clean_text

LOOKUPS = Lookups(
    townships={"城关镇": "420324100", "蒋家堰镇": "420324101", "县河镇": "420324104", "鄂坪乡": "420324203"},
    content_classes={"城乡建设": "urban_rural", "环境保护": "environment"},
)


def clean(field: str, value: CellValue, **flags: bool) -> CleanRow:
    return clean_row(Row(2, (Cell(value, **flags),)), {field: 0}, LOOKUPS, ["列名"])


def value_of(field: str, value: CellValue) -> Any:
    result = clean(field, value)
    assert result.problems == []
    return result.values[field]


def code_of(field: str, value: CellValue, **flags: bool) -> str:
    result = clean(field, value, **flags)
    assert result.values == {} and result.refused
    [problem] = result.problems
    assert (problem.field, problem.column, problem.severity) == (field, "A 列名", "error")
    assert problem.message % problem.params != problem.message
    return problem.code


# --- texts


@given(st.text())
@example("a\u200b\u0301")
@example("\u2126 \u3000\u3000\n \n\n\n x")
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert clean_line(clean_line(text)) == clean_line(text)
    assert clean_line(once) == clean_line(text)


@given(st.text())
def test_a_clean_text_has_nothing_invisible(text: str) -> None:
    once = clean_text(text)
    assert once == once.strip() and unicodedata.is_normalized("NFC", once)
    assert not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in once.replace("\n", ""))
    assert "  " not in once and "\n\n\n" not in once and "\n" not in clean_line(text)


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Co"])))
def test_what_people_write_is_kept(text: str) -> None:
    assert clean_text(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (
            "\u3000\u3000第一段\r\n\t\u3000第二段\xa0 完\r\n\r\n\r\n\r\n第三段\x00\x07\ufeff ",
            "第一段\n第二段 完\n\n第三段",
        ),
        ("𠮷野家𫠝 👨‍👩‍👧 🏴󠁧󠁢󠁳󠁣󠁴󠁿 葛󠄀 ①㈱Ａ", "𠮷野家𫠝 👨‍👩‍👧 🏴󠁧󠁢󠁳󠁣󠁴󠁿 葛󠄀 ①㈱Ａ"),
        ("e\u0301", "é"),
        ("a\u202eb\u2028c\x0bd", "ab\nc\nd"),
        ("=1+1", "=1+1"),
        ("-@+", "-@+"),
    ],
)
def test_texts(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned
    assert value_of("text", text) == cleaned


def test_what_a_cell_may_hold_its_column_can() -> None:
    columns: dict[str, Any] = dict(Petition.__table__.columns)
    held = {field: columns[field].type.length for field in _LIMITS if field in columns}
    assert held == {field: _LIMITS[field] for field in held} and len(held) == 4
    assert set(_CHANNELS) == set(CHANNELS)


def test_a_text_is_needed_and_has_a_limit() -> None:
    for nothing in (None, "", " \u3000\n\t", "\x00"):
        assert code_of("text", nothing) == "missing_text"
    assert value_of("text", "路" * LONGEST_TEXT) == "路" * LONGEST_TEXT
    assert code_of("text", "路" * (LONGEST_TEXT + 1)) == "text_too_long"
    assert code_of("title", "路" * 301) == "too_long"
    assert value_of("title", "修路\n和\u3000水") == "修路 和 水"


@pytest.mark.parametrize("field", FIELDS)
def test_formulas_and_errors_are_refused_in_every_field(field: str) -> None:
    assert code_of(field, "=A1", formula=True) == "formula"
    assert code_of(field, "#N/A", error=True) == "spreadsheet_error"


@pytest.mark.parametrize("field", [field for field in FIELDS if field != "text"])
def test_a_blank_cell_gives_no_value_and_no_problem(field: str) -> None:
    for blank in (None, "", " \u3000"):
        assert clean(field, blank) == CleanRow()


@given(st.sampled_from(FIELDS), st.text() | st.integers() | st.floats() | st.booleans() | st.datetimes())
def test_any_cell_gives_a_value_or_a_reason_that_does_not_repeat_it(field: str, value: CellValue) -> None:
    result = clean(field, value)
    assert len(result.values) <= 1
    for problem in result.problems:
        assert "%(" not in problem.message % problem.params
        assert set(problem.params) <= {"column", "limit", "first_year", "known"}


# --- the others


@pytest.mark.parametrize(
    ("value", "answer"),
    [("是", True), (" 是 ", True), ("√", True), ("1", True), (1, True), (1.0, True), (True, True),
     ("ＹＥＳ", True),
     ("否", False), ("×", False), ("0", False), (0, False), (False, False), ("无", False)],
)  # fmt: skip
def test_yes_and_no(value: CellValue, answer: bool) -> None:
    assert value_of("joint", value) is answer
    assert value_of("superior_assigned", value) is answer


@pytest.mark.parametrize("value", ["也许", "2", 2, "是否", datetime(2026, 1, 1)])
def test_neither_yes_nor_no(value: CellValue) -> None:
    assert code_of("joint", value) == "yes_no_unreadable"


@pytest.mark.parametrize(
    ("value", "phone"),
    [
        (13800000000, "13800000000"),
        (13800000000.0, "13800000000"),
        ("138 0000 0000", "13800000000"),
        ("138-0000-0000", "13800000000"),
        ("+86 138-0000-0000", "13800000000"),
        ("008613800000000", "13800000000"),
        ("１３８００００００００", "13800000000"),
        ("0719-2720000", "0719-2720000"),
        ("07192720000", "0719-2720000"),
        ("(0719)2720000", "0719-2720000"),
        ("0719—2720000 转 8001", "0719-2720000-8001"),
        ("010-12345678", "010-12345678"),
        ("+86-719-2720000", None),
        ("2720000", "2720000"),
        ("400-000-0000", "4000000000"),
    ],
)
def test_telephone_numbers(value: CellValue, phone: str | None) -> None:
    if phone is None:
        assert code_of("petitioner_phone", value) == "phone_unreadable"
    else:
        assert value_of("petitioner_phone", value) == phone


@pytest.mark.parametrize(
    "value", ["1380000000a", "无", "1380000000", "138000000001", "13800000000/13900000000", "12"]
)
def test_no_telephone_numbers(value: str) -> None:
    assert code_of("petitioner_phone", value) == "phone_unreadable"


def with_check_digit(digits: str) -> str:
    return digits + "10X98765432"[sum(int(d) * (2 ** (17 - i) % 11) for i, d in enumerate(digits)) % 11]


@given(st.from_regex(r"[1-9][0-9]{16}", fullmatch=True))
def test_a_right_identity_number_is_taken_and_a_wrong_digit_warned_of(digits: str) -> None:
    number = with_check_digit(digits)
    assert value_of("petitioner_id_number", f" {number[:6]} {number[6:].lower()}") == number
    wrong = str((int(number[0]) % 9) + 1) + number[1:]
    result = clean("petitioner_id_number", wrong)
    assert result.values == {"petitioner_id_number": wrong} and not result.refused
    assert [problem.code for problem in result.problems] == ["id_number_unlikely"]


def test_other_documents_and_lost_digits() -> None:
    assert value_of("petitioner_id_number", "420324900101001") == "420324900101001"
    assert value_of("petitioner_id_number", "e12345678") == "E12345678"
    assert value_of("petitioner_id_number", int(with_check_digit("42032419900101001"))) is not None
    assert code_of("petitioner_id_number", 4.20324199001011e17) == "digits_lost"
    assert code_of("source_number", 4.20324199001011e17) == "digits_lost"
    assert code_of("petitioner_id_number", "没有") == "id_number_unreadable"


@pytest.mark.parametrize(("value", "count"), [(5, 5), ("5", 5), ("５人", 5), (12.0, 12), ("99999名", 99999)])
def test_numbers_of_people(value: CellValue, count: int) -> None:
    assert value_of("petitioner_count", value) == count


@pytest.mark.parametrize("value", [0, -1, 2.5, "五", "100000", "约20人", datetime(2026, 1, 1)])
def test_no_numbers_of_people(value: CellValue) -> None:
    assert code_of("petitioner_count", value) == "count_unreadable"


@pytest.mark.parametrize(
    ("value", "channel"),
    [("来信", "letter"), ("来访", "visit"), (" 来 电", "call"), ("电话", "call"), ("网络", "web"),
     ("网信", "web"),
     ("上级交办", "assigned"), ("部门移送", "passed_on"), ("Letter", "letter"), ("passed_on", "passed_on")],
)  # fmt: skip
def test_channels(value: str, channel: str) -> None:
    assert value_of("channel", value) == channel


def test_an_unknown_channel() -> None:
    assert code_of("channel", "飞鸽") == "channel_unknown"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("蒋家堰镇", "420324101"),
        ("蒋家堰", "420324101"),
        (" 蒋 家 堰 镇 ", "420324101"),
        ("鄂坪", "420324203"),
        ("竹溪县县河镇", "420324104"),
        ("湖北省竹溪县城关镇", "420324100"),
        ("420324100", "420324100"),
        (420324100, "420324100"),
    ],
)
def test_townships(value: CellValue, code: str) -> None:
    assert value_of("township", value) == code


@pytest.mark.parametrize("value", ["镇", "乡", "河镇", "河", "北京", "鄂坪镇", "420324999"])
def test_unknown_townships(value: str) -> None:
    assert code_of("township", value) == "township_unknown"


def test_content_classes() -> None:
    for value in ("城乡建设", "城乡建设/安全生产/事故处理", "城乡建设 > 安全生产", "urban_rural"):
        assert value_of("content_class", value) == "urban_rural"
    assert code_of("content_class", "其他") == "content_class_unknown"


def test_numbers_in_text_columns_are_texts() -> None:
    assert value_of("source_number", 24) == "24"
    assert value_of("source_number", 24.0) == "24"
    assert value_of("source_number", "0024") == "0024"
    assert value_of("place", datetime(2026, 3, 5, 8, 30)) == "2026-03-05 08:30"


# --- rows


def test_every_problem_of_a_row_is_listed_with_its_column() -> None:
    header = ["编号", "时间", "电话", "内容"]
    mapping = {"source_number": 0, "received_on": 1, "petitioner_phone": 2, "text": 3}
    row = Row(9, (Cell("A1"), Cell("昨天"), Cell("abc"), Cell()))
    result = clean_row(row, mapping, LOOKUPS, header)
    assert result.values == {"source_number": "A1"}
    assert [(p.column, p.code) for p in result.problems] == [
        ("B 时间", "date_unreadable"),
        ("C 电话", "phone_unreadable"),
        ("D 内容", "missing_text"),
    ]


def test_a_formula_outside_the_mapping_is_no_matter() -> None:
    row = Row(2, (Cell("修路"), Cell("=A1", formula=True)))
    assert clean_row(row, {"text": 0}, LOOKUPS, ["内容", "备注"]).values == {"text": "修路"}


def test_a_row_that_a_comma_has_split_gives_no_values() -> None:
    row = Row(2, (Cell("A1"), Cell("村里"), Cell("修路")))
    result = clean_row(row, {"source_number": 0, "text": 1}, LOOKUPS, ["编号", "内容"])
    assert result.values == {} and [p.code for p in result.problems] == ["too_many_cells"]
    blank = Row(2, (Cell("A1"), Cell("村里"), Cell(), Cell(" ")))
    assert not clean_row(blank, {"source_number": 0, "text": 1}, LOOKUPS, ["编号", "内容"]).problems
