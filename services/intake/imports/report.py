"""Writes the refused rows, with their reasons, into a workbook that is mended and sent in again.

The original columns stand in their order, so that the same mapping fits; the two added ones are known
again by the import and left out. Everything that begins like a formula is written as text.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet._writer import ALL_TEMP_FILES, WorksheetWriter

from services.intake.imports.columns import REASON_COLUMN, ROW_COLUMN, is_report_column
from services.intake.imports.rows import FORMULA_MARK, Cell, CellValue, Row

CELL_LIMIT = 32_767
"""UTF-16 units that a cell of a workbook can hold."""
CUT_MARK = "…〔此处截断 cut here〕"
_TEXT_FORMAT_LIMIT = 255  # a longer text in a cell formatted as text shows as ###
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_report(path: Path, header: Sequence[str], rejected: Iterable[tuple[Row, str]]) -> int:
    """Write an .xlsx of the refused rows and their reasons (one text per row) and say how many there are.

    Rows are written as they come, first into a file beside `path`; memory does not grow with them.
    Control characters are left out, line ends become those of spreadsheets, and a text beyond
    `CELL_LIMIT` is cut, which `CUT_MARK` says.
    """
    kept = [index for index, name in enumerate(header) if not is_report_column(name)]
    book = Workbook(write_only=True)
    sheet = book.create_sheet("退回 Returned")
    sheet.freeze_panes = "A2"
    for column in range(1, len(kept) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 20
    sheet.column_dimensions[get_column_letter(len(kept) + 2)].width = 60
    names = [*(header[index] for index in kept), ROW_COLUMN, REASON_COLUMN]
    _keep_beside(path, sheet)
    sheet.append([_text(sheet, name, bold=True) for name in names])
    count = 0
    for row, reasons in rejected:
        cells = [row.cells[index] if index < len(row.cells) else Cell() for index in kept]
        values = [*(_written(sheet, cell) for cell in cells), row.number, _text(sheet, reasons)]
        # A row of a CSV file can be wider than its header; what is beyond stands after the reason.
        values += [_written(sheet, cell) for cell in row.cells[len(header) :]]
        sheet.append(values)
        count += 1
    book.save(path)
    return count


def _keep_beside(path: Path, sheet: WriteOnlyWorksheet) -> None:
    """Collect the rows beside the file: openpyxl would do so in the common temporary folder."""
    part = str(path.with_suffix(".part"))
    ALL_TEMP_FILES.append(part)  # where its clean-up looks
    writer = WorksheetWriter(sheet, out=part)
    writer.write_top()
    vars(sheet)["_writer"] = writer


def _written(sheet: WriteOnlyWorksheet, cell: Cell) -> object:
    if cell.formula:
        return _text(sheet, f"{FORMULA_MARK}{cell.value}")
    return _typed(sheet, cell.value)


def _typed(sheet: WriteOnlyWorksheet, value: CellValue) -> object:
    if isinstance(value, str):
        return _text(sheet, value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        # Workbooks keep 15 digits of a number; infinities have no place in them.
        return value if abs(value) < 10**15 else _text(sheet, str(value))
    if isinstance(value, (datetime, date)) and value.year < 1901:
        return _text(sheet, str(value))  # before the calendar of spreadsheets
    assert isinstance(value, (datetime, date, time, timedelta))
    return value


def _text(sheet: WriteOnlyWorksheet, text: str, bold: bool = False) -> object:
    text = _fitting(_NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    if not text:
        return None
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"  # openpyxl would make a formula of "=…" and an error of "#N/A"
    if text.startswith(("=", "+", "-", "@")):
        cell.quotePrefix = True  # stays text when the clerk edits it
    if len(text) <= _TEXT_FORMAT_LIMIT:
        cell.number_format = "@"  # digits typed over it stay as typed
    if bold:
        cell.font = Font(bold=True)
    return cell


def _fitting(text: str) -> str:
    """Escape what spreadsheets would read as `_x000D_`, and cut at the limit of a cell."""
    escaped = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    units = escaped.encode("utf-16-le")
    if len(units) <= 2 * CELL_LIMIT:
        return escaped
    room = 2 * (CELL_LIMIT - len(CUT_MARK))
    return units[:room].decode("utf-16-le", "ignore") + CUT_MARK
