"""Reads the day from whatever an office wrote into a date column, or refuses to guess."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta

from services.intake.imports.rows import CellValue
from services.intake.registration.rules import FIRST_YEAR
from shared.clock import local_date
from shared.errors import N_

DATE_UNREADABLE = N_("%(column)s: the date cannot be read. Write it as 2026-03-05.")
DATE_AMBIGUOUS = N_(
    "%(column)s: the date can be read in more than one way. Write it with the year in full, as 2026-03-05."
)
DATE_INCOMPLETE = N_("%(column)s: the date lacks its year or its day. Write it as 2026-03-05.")
DATE_TOO_OLD = N_("%(column)s: the date is before %(first_year)s. Check the year.")

_LONGEST = 80  # characters, blanks included
_EPOCH = date(1899, 12, 30)
_SERIALS = range((date(FIRST_YEAR, 1, 1) - _EPOCH).days, (date(2100, 1, 1) - _EPOCH).days)
_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_TIME = (
    r"(?:上午|下午|晚上|凌晨|中午|am|pm)?\s*(?P<h>\d{1,2})(?:[:时点](?P<m>\d{1,2})?分?)(?:[:]?(?P<s>\d{1,2})(?:\.\d+)?秒?)?"
    r"\s*(?:am|pm)?"
)
_WEEKDAY = r"(?:\(?(?:星期|周|礼拜)[一二三四五六日天]\)?)?"
_TAIL = rf"\s*{_WEEKDAY}\s*(?:{_TIME})?"
_SPLIT = r"\s*[-/.、]\s*"
_YEAR_FIRST = re.compile(
    rf"(?P<y>\d{{4}})(?:{_SPLIT}(?P<mo>\d{{1,2}}){_SPLIT}(?P<d>\d{{1,2}})\.?(?:日|(?=[\s(星周礼上下晚凌中]|$|t\d))t?"
    rf"|\s*年\s*(?P<mo2>\d{{1,2}})\s*月\s*(?P<d2>\d{{1,2}})\s*(?:日|号|(?=\s|$))){_TAIL}",
)
_COMPACT = re.compile(rf"(?P<y>\d{{4}})(?P<mo>\d\d)(?P<d>\d\d)(?:\s+{_TIME}|(?P<hms>\d{{4}}|\d{{6}}))?")
_DAY_MONTH = re.compile(rf"(?P<d>\d{{1,2}})\s*-\s*(?P<mo>\d{{1,2}})\s*月\s*-\s*(?P<y>\d{{4}}){_TAIL}")
_WITH_OFFSET = re.compile(r"\d{4}-\d\d-\d\dt\d\d:\d\d(:\d\d(\.\d+)?)?(z|[+-]\d\d:?\d\d)")
_AMBIGUOUS = re.compile(
    rf"\d{{1,2}}{_SPLIT}\d{{1,2}}(月)?{_SPLIT}(\d{{1,2}}|\d{{4}}){_TAIL}|\d{{6}}|\d\d\s*年.*日"
)
_INCOMPLETE = re.compile(
    r"(\d{4}|\d\d)\s*[年/.-]\s*\d{1,2}\s*月?|\d{1,2}\s*月\s*\d{1,2}\s*[日号]?|\d{4}\s*年?"
)


class UnreadableDate(Exception):
    """Carries a code and the msgid that says what to write instead."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


def read_date(value: CellValue) -> date:
    """The county's date in a cell: a date cell, a day number of a spreadsheet, or one of many texts.

    A time of day is dropped; a moment with an offset is taken as the county's date at that moment.

    Raises:
        UnreadableDate: it is unreadable, ambiguous, incomplete or before 1990.
    """
    found = value.date() if isinstance(value, datetime) else value
    if not isinstance(found, date):
        found = _from_number(found) if isinstance(found, (int, float)) else _from_text(found)
    if found.year < FIRST_YEAR:
        raise UnreadableDate("date_too_old", DATE_TOO_OLD)
    return found


def _from_number(value: float) -> date:
    if isinstance(value, bool) or not abs(value) < 10**15:
        raise UnreadableDate("date_unreadable", DATE_UNREADABLE)
    if int(value) in _SERIALS:
        return _EPOCH + timedelta(days=int(value))
    return _from_text(str(int(value)) if value == int(value) else str(value))


def _from_text(value: str | time | timedelta | None) -> date:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise UnreadableDate("date_unreadable", DATE_UNREADABLE)
    text = _arabic(re.sub(r"\s+", " ", unicodedata.normalize("NFKC", value)).strip().lower())
    text = text.replace("–", "-").replace("—", "-").replace("−", "-")
    if _WITH_OFFSET.fullmatch(text):
        return _from_moment(text)
    if re.fullmatch(r"\d{5}(\.\d+)?", text) and int(text[:5]) in _SERIALS:
        return _EPOCH + timedelta(days=int(text[:5]))
    for pattern in (_YEAR_FIRST, _COMPACT, _DAY_MONTH):
        found = pattern.fullmatch(text)
        if found:
            return _from_parts(found.groupdict())
    if _AMBIGUOUS.fullmatch(text):
        raise UnreadableDate("date_ambiguous", DATE_AMBIGUOUS)
    if _INCOMPLETE.fullmatch(text):
        raise UnreadableDate("date_incomplete", DATE_INCOMPLETE)
    raise UnreadableDate("date_unreadable", DATE_UNREADABLE)


def _from_moment(text: str) -> date:
    try:
        return local_date(datetime.fromisoformat(text.upper()))
    except (ValueError, OverflowError):
        raise UnreadableDate("date_unreadable", DATE_UNREADABLE) from None


def _from_parts(parts: dict[str, str | None]) -> date:
    hms = parts.get("hms") or ""
    clock = [parts.get("h"), parts.get("m"), parts.get("s")] if not hms else [hms[:2], hms[2:4], hms[4:]]
    try:
        hour, minute, second = (int(part or 0) for part in clock)
        if hour != 24 or minute or second:
            time(hour, minute, second)
        return date(
            int(parts["y"] or 0),
            int(parts["mo"] or parts.get("mo2") or 0),
            int(parts["d"] or parts.get("d2") or 0),
        )
    except ValueError:
        raise UnreadableDate("date_unreadable", DATE_UNREADABLE) from None


def _arabic(text: str) -> str:
    """Chinese numerals of a date in digits: 二〇二六年三月二十五日, 5-三月-2026. Weekdays are left alone."""

    def number(found: re.Match[str]) -> str:
        tens, ten, ones = found[1].partition("十")
        if not ten:
            return found[1].translate(_DIGITS)
        return str(int(tens.translate(_DIGITS) or 1) * 10 + int(ones.translate(_DIGITS) or 0))

    numeral = "〇零○一二三四五六七八九"
    text = re.sub(rf"([{numeral}]{{4}})(?=\s*年)", number, text)
    return re.sub(rf"([{numeral}]?十[{numeral}]?|[{numeral}])(?=\s*[月日号])", number, text)
