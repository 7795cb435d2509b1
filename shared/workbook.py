"""Writing .xlsx row by row: real types, and no cell that a spreadsheet program would take for a formula.

Rows go to a file beside the workbook as they come, so that memory does not grow with them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet._writer import ALL_TEMP_FILES, WorksheetWriter

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CELL_LIMIT = 32_767
"""UTF-16 units that a cell of a workbook can hold."""
CUT_MARK = "…〔此处截断 cut here〕"
MOST_ROWS = 1_048_576
"""Rows that a sheet can hold, its heading among them."""
WHOLE, PERCENT, DAY, MONTH = "#,##0", "0.0%", "yyyy-mm-dd", "yyyy-mm"
_TEXT_FORMAT_LIMIT = 255  # a longer text in a cell formatted as text shows as ###
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PLAIN = re.compile(r"[^\W_](?:[^\W_]|[ ().,:;/·、（）—-]){0,200}")  # nothing to look after, as most texts

Value = str | int | float | date | None


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, its width in characters, and the format of its numbers or dates."""

    title: str
    width: float = 14
    format: str | None = None  # WHOLE, PERCENT (of a fraction), DAY or MONTH; None for texts


def add_table(
    book: Workbook, path: Path, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]]
) -> int:
    """Add a sheet to a write-only workbook that will be saved as `path`, and say how many rows it has.

    The heading stays in sight and every column can be filtered. No limit is looked after: see MOST_ROWS.
    """
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    keep_beside(path, sheet)
    sheet.append([safe_text(sheet, column.title, bold=True) for column in columns])
    count = 0
    for row in rows:
        sheet.append([_cell(sheet, column, value) for column, value in zip(columns, row, strict=True)])
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{count + 1}"
    return count


def keep_beside(path: Path, sheet: WriteOnlyWorksheet) -> None:
    """Collect the rows beside the workbook: openpyxl would do so in the common temporary folder."""
    assert sheet.parent is not None
    part = str(path.with_suffix(f".{len(sheet.parent.sheetnames)}.part"))
    ALL_TEMP_FILES.append(part)  # where its clean-up looks
    writer = WorksheetWriter(sheet, out=part)
    writer.write_top()
    vars(sheet)["_writer"] = writer


def safe_text(sheet: WriteOnlyWorksheet, text: str, *, bold: bool = False) -> object:
    """A cell that is text whatever the text begins with, cut at what a cell can hold; None for no text."""
    text = _fitting(_NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    if not text:
        return None
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"  # openpyxl would make a formula of "=…" and an error of "#N/A"
    if text.startswith(("=", "+", "-", "@")):
        cell.quotePrefix = True  # stays text when somebody edits it
    if len(text) <= _TEXT_FORMAT_LIMIT:
        cell.number_format = "@"  # digits typed over it stay as typed
    if bold:
        cell.font = Font(bold=True)
    return cell


def _cell(sheet: WriteOnlyWorksheet, column: Column, value: Value) -> object:
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) else safe_text(sheet, value)
    if value is None or column.format in (None, DAY):  # a date is written as DAY by itself
        return value
    cell = WriteOnlyCell(sheet)
    cell.value = value
    cell.number_format = column.format
    return cell


def _fitting(text: str) -> str:
    """Escape what spreadsheets would read as `_x000D_`, and cut at the limit of a cell."""
    escaped = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    units = escaped.encode("utf-16-le")
    if len(units) <= 2 * CELL_LIMIT:
        return escaped
    room = 2 * (CELL_LIMIT - len(CUT_MARK))
    return units[:room].decode("utf-16-le", "ignore") + CUT_MARK
