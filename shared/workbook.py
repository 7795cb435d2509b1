"""Writing .xlsx row by row: real types, and no cell that a spreadsheet program would take for a formula.

Rows go to a file beside the workbook as they come, so that memory does not grow with them.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CELL_LIMIT = 32_767
"""UTF-16 units that a cell of a workbook can hold."""
CUT_MARK = "…〔此处截断 cut here〕"
MOST_ROWS = 1_048_576
"""Rows that a sheet can hold, its heading among them."""
WHOLE, PERCENT, DAY, MONTH = "#,##0", "0.0%", "yyyy-mm-dd", "yyyy-mm"
_MOMENT, _TIME, _SPAN, _TEXT = "yyyy-mm-dd h:mm:ss", "h:mm:ss", "[h]:mm:ss", "@"
_TEXT_FORMAT_LIMIT = 255  # a longer text in a cell formatted as text shows as ###
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PLAIN = re.compile(r"[^\W_](?:[^\W_]|[ ().,:;/·、（）—-]){0,200}")  # nothing to look after, as most texts

_ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")

Value = str | bool | int | float | datetime | date | time | timedelta | None


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, its width in characters, and the format of its numbers or dates."""

    title: str
    width: float = 14
    format: str | None = None  # WHOLE, PERCENT (of a fraction), DAY or MONTH; None for texts


class _Sheet(Worksheet):
    """A sheet that gives back every text as it was."""

    @staticmethod
    def _escape_control_characters(text: object) -> object:
        """What spreadsheets would read as `_x000D_`, also where two overlap."""
        return _ESCAPE_LIKE.sub("_x005F_", text) if isinstance(text, str) else text

    def _xml_rich_inline_string(self, text: str, attributes: list[tuple[str, object]]) -> None:
        """`<r>…</r>`, which XlsxWriter takes for XML that it made itself: here it is what somebody wrote."""
        self._xml_inline_string(text, True, attributes)


@contextmanager
def new_book(path: Path) -> Iterator[Workbook]:
    """A workbook for `add_table`, there as `path` at the end. Its rows are collected in the same folder.

    When its rows break off, no file is there.
    """
    try:
        with Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)}) as book:
            yield book
    except BaseException:
        path.unlink(missing_ok=True)  # XlsxWriter closes the book in any case: it would look whole
        raise


def add_table(book: Workbook, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> int:
    """Add a sheet to a book and say how many rows it has. A row may be wider than the heading.

    The heading stays in sight and every column can be filtered. No limit is looked after: see MOST_ROWS.
    """
    sheet = book.add_worksheet(title, _Sheet)
    styles = _styles_of(book)
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        _write(sheet, styles, 0, place, column.title, bold=True)
    formats = [column.format for column in columns]
    number = 0
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            own = formats[place] if place < len(formats) else None
            _write(sheet, styles, number, place, value, own)
    sheet.autofilter(0, 0, number, len(columns) - 1)
    return number


Styles = Callable[[str | None, bool, bool], Format]  # of a number format, whether quoted, whether bold


def _styles_of(book: Workbook) -> Styles:
    @cache
    def style(number_format: str | None, quoted: bool, bold: bool) -> Format:
        wanted = {"num_format": number_format, "quote_prefix": quoted, "bold": bold}
        return book.add_format({name: value for name, value in wanted.items() if value})

    return style


def _write(
    sheet: Worksheet,
    styles: Styles,
    row: int,
    place: int,
    value: Value,
    own: str | None = None,
    *,
    bold: bool = False,
) -> None:
    if value is None or value == "":
        return
    if isinstance(value, str):
        _write_text(sheet, styles, row, place, value, bold=bold)
    elif isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, place, value, styles(own, False, False) if own else None)
    else:
        sheet.write_datetime(row, place, value, styles(own or _format_of(value), False, False))


def _format_of(value: datetime | date | time | timedelta) -> str:
    if isinstance(value, datetime):
        return _MOMENT
    if isinstance(value, date):
        return DAY
    return _TIME if isinstance(value, time) else _SPAN


def _write_text(sheet: Worksheet, styles: Styles, row: int, place: int, text: str, *, bold: bool) -> None:
    """A cell that is text whatever the text begins with, cut at what a cell can hold; none for no text."""
    if not bold and _PLAIN.fullmatch(text):
        sheet.write_string(row, place, text)
        return
    text = _fitting(_NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    if not text:
        return
    quoted = text.startswith(("=", "+", "-", "@"))  # stays text when somebody edits it
    # As text, so that digits typed over it stay as typed.
    sheet.write_string(
        row, place, text, styles(_TEXT if len(text) <= _TEXT_FORMAT_LIMIT else None, quoted, bold)
    )


def _fitting(text: str) -> str:
    """Cut at the limit of a cell."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * CELL_LIMIT:
        return text
    room = 2 * (CELL_LIMIT - len(CUT_MARK))
    return units[:room].decode("utf-16-le", "ignore") + CUT_MARK
