"""Cleans the cells of one row into the values of a petition, and says what is wrong with each.

Nothing is guessed: what cannot be read is a problem with its column and what to write instead. Texts
keep every character that people write (rare Chinese characters, emoji); only what no one sees goes.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from services.intake.imports.columns import column_label
from services.intake.imports.dates import FIRST_YEAR, UnreadableDate, read_date
from services.intake.imports.rows import EMPTY, Cell, CellValue, Row
from shared.errors import N_

TEXT_LIMIT = 20_000
"""Characters of a petition's text; what is longer belongs into an attachment."""
_LIMITS = {"source_number": 64, "petitioner_name": 200, "title": 200}
_LINE_LIMIT = 500
# Exact as written: joiners (emoji, some scripts) and private-use characters (rare names in GB18030).
_KEPT_CONTROLS = "\u200c\u200d"
_CHANNELS = {
    "letter": "来信 信件 信函 书信 邮寄 写信 信访信件 letter",
    "visit": "来访 走访 上访 接访 个访 集体访 当面 visit",
    "call": "来电 电话 热线 电话举报 电话反映 call",
    "web": "网络 网信 网上 网上信访 互联网 网络举报 邮件 电子邮件 微信 留言 网络留言 web",
    "assigned": "上级交办 交办 上级转办 上级转交 assigned",
    "passed_on": "部门移送 移送 转办 部门转办 部门转送 转送 其他部门移送 passed_on",
}
_CHANNEL_OF = {name: code for code, names in _CHANNELS.items() for name in names.split()}
_YES = frozenset("是 有 对 √ ✓ ✔ ☑ 1 y yes true".split())
_NO = frozenset("否 无 没有 不是 × ✗ ✘ x 0 n no false".split())
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Lookups:
    """Names to codes of this county: townships (full names, 城关镇) and first-level content classes."""

    townships: Mapping[str, str]
    content_classes: Mapping[str, str]


@dataclass(frozen=True)
class Problem:
    """What is wrong with a cell: an error refuses the row, a warning only says so.

    `message` is a msgid with %(name)s places for `params`; neither carries what stands in the cell.
    `column` is the label, as `D 留言时间`.
    """

    field: str
    column: str
    code: str
    message: str
    params: dict[str, Any]
    severity: str = "error"


@dataclass
class CleanRow:
    """The values of the filled, readable cells by field, and the problems of the others."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether any problem is an error."""
        return any(problem.severity == "error" for problem in self.problems)


class _Unusable(Exception):
    def __init__(self, code: str, message: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.message, self.params = code, message, params


def clean_text(text: str) -> str:
    """A text of paragraphs: NFC, invisible characters gone, blanks and blank lines reduced to one."""
    text = re.sub("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]", "\n", text)
    text = unicodedata.normalize("NFC", "".join(map(_visible, text)))
    lines = (re.sub(" +", " ", line).strip(" ") for line in text.split("\n"))
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def clean_line(text: str) -> str:
    """A text of one line: as `clean_text`, with blanks for line breaks."""
    return " ".join(clean_text(text).split("\n")).replace("  ", " ")


def _visible(sign: str) -> str:
    if sign.isascii():
        return sign if sign.isprintable() or sign == "\n" else " " * (sign == "\t")
    kind = unicodedata.category(sign)
    if kind == "Zs":
        return " "
    hidden = kind in ("Cc", "Cs") or (kind == "Cf" and sign not in _KEPT_CONTROLS and not _is_tag(sign))
    return "" if hidden or ord(sign) & 0xFFFE == 0xFFFE else sign


def _is_tag(sign: str) -> bool:
    """The tag characters that spell out some flags in emoji."""
    return 0xE0020 <= ord(sign) <= 0xE007F


def clean_row(row: Row, mapping: Mapping[str, int], lookups: Lookups, header: Sequence[str]) -> CleanRow:
    """Clean the mapped cells of a row.

    `values` has, for filled cells only: received_on a `date` (not compared with today), channel, township
    and content_class codes, joint and superior_assigned booleans, petitioner_count an integer of at least
    1, everything else a string. Every problem of the row is listed, not just the first.
    """
    result = CleanRow()
    if len(row.cells) > len(header) and not all(cell.blank for cell in row.cells[len(header) :]):
        # Every cell may stand one column off: no value of such a row can be trusted.
        result.problems.append(_too_many_cells(header))
        return result
    for name, index in mapping.items():
        cell = row.cells[index] if index < len(row.cells) else EMPTY
        label = column_label(header, index)
        try:
            value = _value(name, cell, lookups)
        except _Unusable as fault:
            params = {"column": label, **fault.params}
            result.problems.append(Problem(name, label, fault.code, fault.message, params))
            continue
        if value is not None:
            result.values[name] = value
            result.problems.extend(_warnings(name, label, value))
    return result


def _value(name: str, cell: Cell, lookups: Lookups) -> Any:
    if cell.formula:
        raise _Unusable("formula", N_("%(column)s: type the value instead of a formula."))
    if cell.error:
        raise _Unusable(
            "spreadsheet_error", N_("%(column)s: the spreadsheet shows an error here. Type the value.")
        )
    text = _written(cell.value)
    if not text:
        if name == "text":
            raise _Unusable("missing_text", N_("%(column)s: the text of the petition is missing. Add it."))
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
        raise _Unusable(fault.code, fault.message, **places) from None


def _paragraphs(name: str, text: str, value: CellValue) -> str:
    if len(text) > TEXT_LIMIT:
        raise _Unusable(
            "text_too_long",
            N_(
                "%(column)s: the text has more than %(limit)s characters. Put a summary here and attach the "
                "full text to the petition."
            ),
            limit=TEXT_LIMIT,
        )
    return text


def _line(name: str, text: str, value: CellValue) -> str:
    _refuse_lost_digits(value)
    line, limit = clean_line(text), _LIMITS.get(name, _LINE_LIMIT)
    if len(line) > limit:
        raise _Unusable(
            "too_long", N_("%(column)s: more than %(limit)s characters. Shorten it."), limit=limit
        )
    return line


def _refuse_lost_digits(value: CellValue) -> None:
    if isinstance(value, float) and abs(value) >= 10**15:
        raise _Unusable(
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
    raise _Unusable("yes_no_unreadable", N_("%(column)s: write 是 (yes) or 否 (no)."))


def _count(name: str, text: str, value: CellValue) -> int:
    found = re.fullmatch(r"([0-9]{1,5})[人名个]?", _plain(text))
    if not found or int(found[1]) < 1:
        raise _Unusable(
            "count_unreadable", N_("%(column)s: write how many people, as a whole number from 1 to 99999.")
        )
    return int(found[1])


def _channel(name: str, text: str, value: CellValue) -> str:
    try:
        return _CHANNEL_OF[_plain(text)]
    except KeyError:
        raise _Unusable(
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
    raise _Unusable(
        "phone_unreadable",
        N_("%(column)s: write one telephone number, as 13800000000 or 0719-2720000, without words."),
    )


def _id_number(name: str, text: str, value: CellValue) -> str:
    _refuse_lost_digits(value)
    plain = _plain(text).upper()
    if not re.fullmatch(r"[A-Z0-9()-]{5,24}", plain):
        raise _Unusable("id_number_unreadable", N_("%(column)s: write only the number of the document."))
    return plain


def _township(text: str, lookups: Lookups) -> str:
    """A code, a name with or without 镇 or 乡, or a full name behind that of the county."""
    plain, known = _plain(text), lookups.townships
    if plain in known.values():
        return plain
    if plain in known:
        return known[plain]
    short = [code for name, code in known.items() if name.rstrip("镇乡") == plain and plain]
    behind = [code for name, code in known.items() if plain.endswith(name)]
    if len(set(short or behind)) == 1:
        return (short or behind)[0]
    raise _Unusable(
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
    raise _Unusable(
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


def _warnings(name: str, label: str, value: Any) -> list[Problem]:
    if name != "petitioner_id_number" or _is_likely_id(value):
        return []
    message = N_("%(column)s: the identity number does not add up. Compare it with the document.")
    return [Problem(name, label, "id_number_unlikely", message, {"column": label}, "warning")]


def _is_likely_id(number: str) -> bool:
    """GB 11643: 18 places with a check digit; 15 digits before 1999. Passports and the like have letters."""
    if re.fullmatch(r"[0-9]{17}[0-9X]", number):
        total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
        return "10X98765432"[total % 11] == number[17]
    return len(number) == 15 or not number.isdecimal()


def _too_many_cells(header: Sequence[str]) -> Problem:
    label = column_label(header, len(header))
    message = N_(
        "This row has more cells than the table has columns: probably a comma within a text. Put quotation "
        'marks (") around that text, or save the table as .xlsx.'
    )
    return Problem("row", label, "too_many_cells", message, {})
