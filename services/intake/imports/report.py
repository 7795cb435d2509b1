"""Writes the refused rows, with their reasons, into a workbook that is mended and sent in again.

The original columns stand in their order, so that the same mapping fits; the two added ones are known
again by the import and left out. Everything that begins like a formula is written as text.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from services.intake.imports.columns import REASON_COLUMN, ROW_COLUMN, is_report_column
from services.intake.imports.rows import FORMULA_MARK, Cell, CellValue, Row
from shared.workbook import keep_beside, safe_text


def write_report(path: Path, header: Sequence[str], rejected: Iterable[tuple[Row, str]]) -> int:
    """Write an .xlsx of the refused rows and their reasons (one text per row) and say how many there are.

    Rows are written as they come, first into a file beside `path`; memory does not grow with them.
    Control characters are left out, line ends become those of spreadsheets, and a text beyond
    `shared.workbook.CELL_LIMIT` is cut, which `CUT_MARK` says.
    """
    kept = [index for index, name in enumerate(header) if not is_report_column(name)]
    book = Workbook(write_only=True)
    sheet = book.create_sheet("退回 Returned")
    sheet.freeze_panes = "A2"
    for column in range(1, len(kept) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 20
    sheet.column_dimensions[get_column_letter(len(kept) + 2)].width = 60
    names = [*(header[index] for index in kept), ROW_COLUMN, REASON_COLUMN]
    keep_beside(path, sheet)
    sheet.append([safe_text(sheet, name, bold=True) for name in names])
    count = 0
    for row, reasons in rejected:
        cells = [row.cells[index] if index < len(row.cells) else Cell() for index in kept]
        values = [*(_written(sheet, cell) for cell in cells), row.number, safe_text(sheet, reasons)]
        # A row of a CSV file can be wider than its header; what is beyond stands after the reason.
        values += [_written(sheet, cell) for cell in row.cells[len(header) :]]
        sheet.append(values)
        count += 1
    book.save(path)
    return count


def _written(sheet: WriteOnlyWorksheet, cell: Cell) -> object:
    if cell.formula:
        return safe_text(sheet, f"{FORMULA_MARK}{cell.value}")
    return _typed(sheet, cell.value)


def _typed(sheet: WriteOnlyWorksheet, value: CellValue) -> object:
    if isinstance(value, str):
        return safe_text(sheet, value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        # Workbooks keep 15 digits of a number; infinities have no place in them.
        return value if abs(value) < 10**15 else safe_text(sheet, str(value))
    if isinstance(value, (datetime, date)) and value.year < 1901:
        return safe_text(sheet, str(value))  # before the calendar of spreadsheets
    assert isinstance(value, (datetime, date, time, timedelta))
    return value
