"""Writes the refused rows, with their reasons, into a workbook that is mended and sent in again.

The original columns stand in their order, so that the same mapping fits; the two added ones are known
again by the import and left out. Everything that begins like a formula is written as text.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from services.intake.imports.columns import REASON_COLUMN, ROW_COLUMN, is_report_column
from services.intake.imports.rows import FORMULA_MARK, Cell, CellValue, Row
from shared.workbook import Column, Value, add_table, new_book


def write_report(path: Path, header: Sequence[str], rejected: Iterable[tuple[Row, str]]) -> int:
    """Write an .xlsx of the refused rows and their reasons (one text per row) and say how many there are.

    Rows are written as they come, first into a file beside `path`; memory does not grow with them.
    Control characters are left out, line ends become those of spreadsheets, and a text beyond
    `shared.workbook.CELL_LIMIT` is cut, which `CUT_MARK` says.
    """
    kept = [index for index, name in enumerate(header) if not is_report_column(name)]
    columns = [Column(header[index], 20) for index in kept]
    with new_book(path) as book:
        return add_table(
            book,
            "退回 Returned",
            [*columns, Column(ROW_COLUMN), Column(REASON_COLUMN, 60)],
            (_values(row, reasons, kept, len(header)) for row, reasons in rejected),
        )


def _values(row: Row, reasons: str, kept: Sequence[int], width: int) -> list[Value]:
    cells = [row.cells[index] if index < len(row.cells) else Cell() for index in kept]
    # A row of a CSV file can be wider than its header; what is beyond stands after the reason.
    beyond = row.cells[width:]
    return [*map(_written, cells), row.number, reasons, *map(_written, beyond)]


def _written(cell: Cell) -> Value:
    return f"{FORMULA_MARK}{cell.value}" if cell.formula else _typed(cell.value)


def _typed(value: CellValue) -> Value:
    if isinstance(value, int | float) and abs(value) < 10**15:
        return value
    if isinstance(value, int | float):  # a workbook keeps 15 digits of a number, and no infinities
        return str(value)
    if isinstance(value, date) and value.year < 1901:
        return str(value)  # before the calendar of spreadsheets
    return value
