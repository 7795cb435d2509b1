"""The many ways in which offices write a day, and those that nobody can be sure of."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.intake.imports.rows import CellValue
from tests.intake.test_cells import clean, code_of, value_of

DAYS = st.dates(date(1990, 1, 1), date(2099, 12, 31))
CLOCKS = st.times()
CHINESE = "〇一二三四五六七八九"


def numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else CHINESE[tens]) + "十" * (tens > 0) + ("" if ones == 0 else CHINESE[ones])


def full_width(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def forms(day: date, clock: time) -> list[CellValue]:
    y, m, d = day.year, day.month, day.day
    hm, hms = f"{clock.hour}:{clock.minute:02}", f"{clock.hour:02}:{clock.minute:02}:{clock.second:02}"
    serial = (day - date(1899, 12, 30)).days
    days = [f"{y}/{m}/{d}", f"{y}-{m:02}-{d:02}", f"{y}.{m}.{d}", f"{y}年{m}月{d}日", f"{y}{m:02}{d:02}",
            f"{y} 年 {m} 月 {d} 日", f"{y}年{m}月{d}号",
            f"{y}年{numeral(m)}月{numeral(d)}日", f"{y}、{m}、{d}",
            "".join(CHINESE[int(digit)] for digit in str(y)) + f"年{numeral(m)}月{numeral(d)}日",
            f"{d}-{m}月-{y}", f"{d}-{numeral(m)}月-{y}"]  # fmt: skip
    timed = [
        f"{each} {moment}"
        for each in days
        for moment in (hm, hms, f"{hms}.5", f"{clock.hour}时{clock.minute}分")
    ]
    others: list[CellValue] = [
        day, datetime.combine(day, clock), serial, serial + 0.75, str(serial), f"{serial}.25",
        int(f"{y}{m:02}{d:02}"),
        f"{y}-{m:02}-{d:02}T{hms}", f"{y}年{m}月{d}日{hm}", f"{y}年{m}月{d}日 星期四",
        f"{y}/{m}/{d} 周日 {hm}",
        f"{y}/{m}/{d} 下午 2:42:01", f"{y}{m:02}{d:02}{clock.hour:02}{clock.minute:02}",
        f" {y}-{m}-{d}\u3000 ",
    ]  # fmt: skip
    texts: list[str] = [*days, *timed]
    return [*texts, *map(full_width, texts), *others]


@given(DAYS, CLOCKS)
@example(date(2019, 1, 8), time(14, 42))
@example(date(2026, 10, 20), time(0, 0))
def test_a_date_in_all_its_forms(day: date, clock: time) -> None:
    for form in forms(day, clock):
        result = clean("received_on", form)
        assert (form, result.values, result.problems) == (form, {"received_on": day}, [])


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2019/1/8 14:42", date(2019, 1, 8)),
        ("2026-03-05T20:00:00Z", date(2026, 3, 6)),
        ("2026-03-05T20:00:00+08:00", date(2026, 3, 5)),
        ("2026.3.5.", date(2026, 3, 5)),
        ("2024-02-29", date(2024, 2, 29)),
        ("2026-03-05 24:00", date(2026, 3, 5)),
        ("1990-01-01", date(1990, 1, 1)),
        ("二○二六年十一月三十日", date(2026, 11, 30)),
    ],
)
def test_dates(value: CellValue, day: date) -> None:
    assert value_of("received_on", value) == day


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("03/05/2026", "date_ambiguous"),
        ("3/5/26", "date_ambiguous"),
        ("26.3.5", "date_ambiguous"),
        ("05-3月-19", "date_ambiguous"),
        ("260305", "date_ambiguous"),
        ("26年3月5日", "date_ambiguous"),
        ("2026年3月", "date_incomplete"),
        ("2026", "date_incomplete"),
        (2026, "date_incomplete"),
        (2026.3, "date_incomplete"),
        ("3月5日", "date_incomplete"),
        ("2026-02-30", "date_unreadable"),
        ("2026-13-01", "date_unreadable"),
        ("2023年2月29日", "date_unreadable"),
        ("2026-03-05 25:00", "date_unreadable"),
        ("2026-03-05 12:61", "date_unreadable"),
        ("2026-03-05 24:01", "date_unreadable"),
        ("2026-03-05T99:00:00Z", "date_unreadable"),
        ("2026-03-051", "date_unreadable"),
        ("20261332", "date_unreadable"),
        ("昨天", "date_unreadable"),
        ("2026-03-05" + " " * 100_000, "date_unreadable"),
        ("2026-03-05至2026-03-08", "date_unreadable"),
        (time(12), "date_unreadable"),
        (timedelta(hours=30), "date_unreadable"),
        (True, "date_unreadable"),
        (-5, "date_unreadable"),
        (float("nan"), "date_unreadable"),
        (float("inf"), "date_unreadable"),
        ("1989-12-31", "date_too_old"),
        (datetime(1900, 1, 1), "date_too_old"),
        ("0001-01-01T00:00:00+09:00", "date_unreadable"),
    ],
)
def test_dates_that_are_refused(value: CellValue, code: str) -> None:
    assert code_of("received_on", value) == code
