"""Reads one cell as the value of one field: a date, a yes or no, a telephone number, a township.

Offices write each in many ways; what is not surely one of them is refused with what to write instead.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.intake.imports.dates import UnreadableDate, read_date
from services.intake.imports.rows import Cell, CellValue
from services.intake.registration.rules import (
    FIRST_YEAR,
    LONGEST,
    LONGEST_OF_PERSON,
    LONGEST_TEXT,
    LONGEST_TITLE,
)
from shared.errors import N_
from shared.text import clean_line, clean_text

_LIMITS = {
    **LONGEST,
    "title": LONGEST_TITLE,
    **{f"petitioner_{part}": longest for part, longest in LONGEST_OF_PERSON.items()},
}
_SUFFIX = re.compile("(镇|乡|街道|街道办事处)$")
_CHANNELS = {
    "letter": "来信 信件 信函 书信 邮寄 写信 信访信件 letter",
    "visit": "来访 走访 上访 接访 个访 集体访 当面 visit",
    "call": "来电 电话 热线 电话举报 电话反映 call",
    "web": "网络 网信 网上 网上信访 互联网 网络举报 邮件 电子邮件 微信 留言 网络留言 web",
    "assigned": "上级交办 交办 上级转办 上级转交 assigned",
    "passed_on": "部门移送 移送 转办 部门转办 部门转送 转送 其他部门移送 passed_on",
}
_CHANNEL_OF = {name: code for code, names in _CHANNELS.items() for name in names.split()}
_YES = frozenset(["是", "有", "对", "√", "✓", "✔", "☑", "1", "y", "yes", "true"])
_NO = frozenset(["否", "无", "没有", "不是", "×", "✗", "✘", "x", "0", "n", "no", "false"])


@dataclass(frozen=True)
class Lookups:
    """Names to codes of this county: townships (full names, 城关镇) and first-level content classes."""

    townships: Mapping[str, str]
    content_classes: Mapping[str, str]


class Unusable(Exception):
    """A cell that gives no value: a code, the msgid that says what to write, and its params."""

    def __init__(self, code: str, message: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.message, self.params = code, message, params


def read_value(name: str, cell: Cell, lookups: Lookups) -> Any:
    """The value of a cell for the field `name`, or None where it is blank.

    Raises:
        Unusable: it cannot be read as such a value.
    """
    if cell.formula:
        raise Unusable("formula", N_("%(column)s: type the value instead of a formula."))
    if cell.error:
        raise Unusable(
            "spreadsheet_error", N_("%(column)s: the spreadsheet shows an error here. Type the value.")
        )
    text = _written(cell.value)
    if not text:
        if name == "text":
            raise Unusable("missing_text", N_("%(column)s: the text of the petition is missing. Add it."))
        return None
    if name == "received_on":
        return _date(cell.value)
    if name in ("township", "content_class"):
        return (_township if name == "township" else _content_class)(text, lookups)
    return _READERS.get(name, _line)(name, text, cell.value)


def _written(value: CellValue) -> str:
    """The value of a cell as a clean text."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    return "" if value is None else str(value)


def _date(value: CellValue) -> date:
    try:
        return read_date(value)
    except UnreadableDate as fault:
        places = {"first_year": FIRST_YEAR} if "%(first_year)s" in fault.message else {}
        raise Unusable(fault.code, fault.message, **places) from None


def _paragraphs(name: str, text: str, value: CellValue) -> str:
    if len(text) > LONGEST_TEXT:
        raise Unusable(
            "text_too_long",
            N_(
                "%(column)s: the text has more than %(limit)s characters. Put a summary here and attach the "
                "full text to the petition."
            ),
            limit=LONGEST_TEXT,
        )
    return text


def _line(name: str, text: str, value: CellValue) -> str:
    _refuse_lost_digits(value)
    line, limit = clean_line(text), _LIMITS[name]
    if len(line) > limit:
        raise Unusable("too_long", N_("%(column)s: more than %(limit)s characters. Shorten it."), limit=limit)
    return line


def _refuse_lost_digits(value: CellValue) -> None:
    if isinstance(value, float) and abs(value) >= 10**15:
        raise Unusable(
            "digits_lost",
            N_(
                "%(column)s: the spreadsheet has kept only 15 digits of this number. Format the column as "
                "text and type the number again."
            ),
        )


def _plain(text: str) -> str:
    """For codes and numbers: width, case and blanks do not matter."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold()


def _yes_no(name: str, text: str, value: CellValue) -> bool:
    plain = _plain(text)
    if plain in _YES or plain in _NO:
        return plain in _YES
    raise Unusable("yes_no_unreadable", N_("%(column)s: write 是 (yes) or 否 (no)."))


def _count(name: str, text: str, value: CellValue) -> int:
    found = re.fullmatch(r"([0-9]{1,5})[人名个]?", _plain(text))
    if not found or int(found[1]) < 1:
        raise Unusable(
            "count_unreadable", N_("%(column)s: write how many people, as a whole number from 1 to 99999.")
        )
    return int(found[1])


def _channel(name: str, text: str, value: CellValue) -> str:
    try:
        return _CHANNEL_OF[_plain(text)]
    except KeyError:
        raise Unusable(
            "channel_unknown",
            N_("%(column)s: write one of %(known)s."),
            known="来信, 来访, 来电, 网络, 上级交办, 部门移送",
        ) from None


def _phone(name: str, text: str, value: CellValue) -> str:
    _refuse_lost_digits(value)
    plain = re.sub(r"[–—−‐]", "-", _plain(text)).replace("转", "-")
    plain = re.sub(r"^(\+|00)?86-?(?=0?[1-9])", "", re.sub(r"[()]", "", plain))
    mobile = plain.replace("-", "")
    if re.fullmatch(r"1[3-9][0-9]{9}|[48]00[0-9]{7}", mobile):
        return mobile
    landline = re.fullmatch(r"(010|02[0-9]|0[3-9][0-9]{2})-?([0-9]{7,8})(-[0-9]{1,6})?", plain)
    if landline:
        return f"{landline[1]}-{landline[2]}{landline[3] or ''}"
    if re.fullmatch(r"[2-9][0-9]{6,7}(-[0-9]{1,6})?|\+[0-9]{7,15}", plain):
        return plain
    raise Unusable(
        "phone_unreadable",
        N_("%(column)s: write one telephone number, as 13800000000 or 0719-2720000, without words."),
    )


def _id_number(name: str, text: str, value: CellValue) -> str:
    _refuse_lost_digits(value)
    plain = _plain(text).upper()
    if not re.fullmatch(r"[A-Z0-9()-]{5,24}", plain):
        raise Unusable("id_number_unreadable", N_("%(column)s: write only the number of the document."))
    return plain


def _township(text: str, lookups: Lookups) -> str:
    """A code, a name with or without 镇 or 乡, or a full name behind that of the county."""
    plain, known = _plain(text), lookups.townships
    if plain in known.values():
        return plain
    if plain in known:
        return known[plain]
    short = [code for name, code in known.items() if plain and _SUFFIX.sub("", name) == plain]
    behind = [code for name, code in known.items() if plain.endswith(name)]
    if len(set(short or behind)) == 1:
        return (short or behind)[0]
    raise Unusable(
        "township_unknown",
        N_("%(column)s: this is no township of the county. Write its name as on the list of townships."),
    )


def _content_class(text: str, lookups: Lookups) -> str:
    """A code, or the name of a first-level class, alone or in front of its lower levels."""
    known = {_plain(name): code for name, code in lookups.content_classes.items()}
    plain = _plain(text)
    for name in (plain, re.split(r"[/>、\\|-]", plain)[0]):
        if name in known.values():
            return name
        if name in known:
            return known[name]
    raise Unusable(
        "content_class_unknown",
        N_(
            "%(column)s: this is no first-level content class. Write one from the list, or leave the column "
            "out of the import and set the class at screening."
        ),
    )


_READERS: dict[str, Callable[[str, str, CellValue], Any]] = {
    "text": _paragraphs,
    "joint": _yes_no,
    "superior_assigned": _yes_no,
    "petitioner_count": _count,
    "channel": _channel,
    "petitioner_phone": _phone,
    "petitioner_id_number": _id_number,
}
