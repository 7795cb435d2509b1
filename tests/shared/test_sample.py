"""The sample spreadsheet shows what its README promises, and holds nothing that could be real."""

import re
from collections import Counter
from datetime import date, datetime
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from shared.county import load_county

SAMPLE = Path(__file__).parents[2] / "services" / "intake" / "sample"
CHANNELS = {"来信", "来访", "来电", "网络", "上级交办", "部门移送"}
HEADER = [
    *("编号", "来件日期", "渠道", "信访人", "联系电话", "身份证号", "住址", "乡镇", "村"),
    *("标题", "反映内容", "被反映单位", "是否联名", "人数", "上级交办", "内容分类"),
]
BAD_ROWS = (10, 19, 28, 37, 46, 55, 68, 77, 86, 95)

Rows = dict[int, dict[str, Any]]


@pytest.fixture(scope="module")
def rows() -> Rows:
    """Each row below the header by its number in the file."""
    sheet = load_workbook(SAMPLE / "petitions.xlsx").active
    lines = list(sheet.iter_rows(values_only=True))
    assert list(lines[0]) == HEADER
    return {number: dict(zip(HEADER, line, strict=True)) for number, line in enumerate(lines[1:], 2)}


@pytest.fixture(scope="module")
def good(rows: Rows) -> Rows:
    return {number: row for number, row in rows.items() if number not in BAD_ROWS}


def township_of(row: dict[str, Any]) -> str | None:
    """The township's code by its name, its name without 镇 or 乡, or its code."""
    for township in load_county().townships:
        if row["乡镇"] in (township.name, township.name[:-1], township.code):
            return township.code
    return None


def date_of(value: Any) -> date | None:
    """The date of a cell in any of the forms that the sample uses."""
    if isinstance(value, datetime):
        return value.date()
    match = re.match(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})", str(value))
    return date(*map(int, match.groups())) if match else None


def test_there_are_as_many_rows_as_the_readme_says(rows: Rows, good: Rows) -> None:
    assert (len(rows), len(good)) == (101, 91)


def test_good_rows_cover_channels_townships_and_classes(good: Rows) -> None:
    county = load_county()
    channels = Counter(row["渠道"] for row in good.values())
    assert set(channels) == CHANNELS
    assert min(channels.values()) >= 8
    townships = Counter(township_of(row) for row in good.values())
    assert set(townships) == {township.code for township in county.townships}
    assert min(townships.values()) >= 5
    classes = {row["内容分类"] for row in good.values()}
    assert classes == {each.name for each in county.content_classes} | {None}


def test_good_rows_are_complete_and_distinct(good: Rows) -> None:
    texts = [row["反映内容"] for row in good.values()]
    assert all(20 <= len(text) <= 500 for text in texts)
    assert len(set(texts)) == len(texts)
    assert len({row["编号"] for row in good.values()}) == len(good)
    for row in good.values():
        received = date_of(row["来件日期"])
        assert received is not None
        assert date(2024, 1, 1) <= received <= date(2026, 11, 20)
        assert row["编号"].startswith(f"XF{received.year}-")


def test_good_rows_have_anonymous_joint_and_older_ones(good: Rows) -> None:
    names = [row["信访人"] for row in good.values()]
    assert names.count(None) >= 3
    assert names.count("匿名") >= 3
    joint = [row for row in good.values() if row["是否联名"] == "是"]
    assert len(joint) >= 5
    assert all(row["人数"] >= 5 and "等" in row["信访人"] for row in joint)
    assert sum(row["编号"] < "XF2026" for row in good.values()) == 5


def test_dates_are_written_in_many_ways(good: Rows) -> None:
    kinds = {
        re.sub(r"\d+", "0", str(value)) if isinstance(value, str) else type(value).__name__
        for value in (row["来件日期"] for row in good.values())
    }
    assert kinds >= {"datetime", "int", "0/0/0", "0年0月0日", "0", "0-0-0", "0.0.0", "0-0-0 0:0"}


def test_three_petitions_come_again_in_other_words(good: Rows) -> None:
    texts = [row["反映内容"] for row in good.values()]
    alike = [
        (one, other)
        for place, one in enumerate(texts)
        for other in texts[place + 1 :]
        if SequenceMatcher(None, one, other, autojunk=False).ratio() > 0.6
    ]
    assert len(alike) == 3


def test_a_commission_and_an_office_are_complained_of(good: Rows) -> None:
    units = {unit.name for unit in load_county().units}
    assert {row["被反映单位"] for row in good.values()} & units == {"龙坝镇纪委", "第五纪检监察室"}


def test_nothing_could_be_a_real_person(rows: Rows) -> None:
    for row in rows.values():
        name, phone, id_number = row["信访人"], row["联系电话"], row["身份证号"]
        assert name is None or name == "匿名" or re.fullmatch(r".某[甲乙丙丁](等(.+[人户])?)?", name)
        digits = re.sub(r"^\+86|\D", "", str(phone or "1380000"))
        assert digits.startswith("1380000")
        assert id_number is None or "19000230" in id_number
        assert row["住址"] is None or re.search(r"[示样例][例一二].*组$", row["住址"])


def test_each_bad_row_has_its_own_fault(rows: Rows) -> None:
    assert rows[10]["反映内容"] is None
    assert date_of(rows[19]["来件日期"]) == date(2099, 3, 5)
    assert township_of(rows[28]) is None
    assert rows[37]["渠道"] not in CHANNELS
    assert 20_000 < len(rows[46]["反映内容"]) < 32_767
    assert rows[55]["反映内容"].startswith("=")
    assert rows[68]["编号"] == rows[59]["编号"]
    assert rows[68]["反映内容"] != rows[59]["反映内容"]
    assert rows[77] == rows[32]
    assert date_of(rows[86]["来件日期"]) is None
    assert re.search("[A-Z]", rows[95]["联系电话"])


def test_bad_rows_have_no_other_fault(rows: Rows) -> None:
    for number in BAD_ROWS:
        row = rows[number]
        assert number == 10 or row["反映内容"]
        assert number in (19, 86) or date_of(row["来件日期"]) <= date(2026, 11, 20)
        assert number == 28 or township_of(row)
        assert number == 37 or row["渠道"] in CHANNELS
        assert number == 55 or not any(str(value).startswith("=") for value in row.values())
        assert number == 95 or not re.search("[A-Za-z]", str(row["联系电话"] or ""))


def test_the_readme_names_every_bad_row(rows: Rows) -> None:
    lines = re.findall(r"^\| (\d+) \| (XF\d{4}-\d{4}) \|", (SAMPLE / "README.md").read_text("utf-8"), re.M)
    assert lines == [(str(number), rows[number]["编号"]) for number in BAD_ROWS]
