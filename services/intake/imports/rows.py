"""A row of a spreadsheet as it stands in the file: what both readers yield and the report writes back."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from openpyxl.cell.cell import ERROR_CODES

CellValue = str | int | float | datetime | date | time | timedelta | None

# Stands before a formula in a returned file, so that one which was not mended is refused again.
FORMULA_MARK = "〔公式 formula〕"


class Cell(NamedTuple):
    """One cell: its value (booleans are `bool`), and whether it is a formula or a spreadsheet error.

    The value of a formula is its own text, beginning with `=`; it is never computed.
    """

    value: CellValue = None
    formula: bool = False
    error: bool = False

    @property
    def blank(self) -> bool:
        """Nothing in it but white space."""
        if isinstance(self.value, str):
            return not self.formula and not self.value.strip().strip("\x00\x1a\ufeff\u200b")
        return self.value is None


EMPTY = Cell()


class Row(NamedTuple):
    """A filled row; `number` counts from 1, title and header rows included, as a spreadsheet shows it."""

    number: int
    cells: tuple[Cell, ...]

    @property
    def blank(self) -> bool:
        """No cell of it is filled."""
        return all(cell.blank for cell in self.cells)


def text_cell(text: str) -> Cell:
    """The cell for a text: `=1+2` is only text here, but a marked formula or `#N/A` is known again."""
    if text.startswith(FORMULA_MARK):
        return Cell(text[len(FORMULA_MARK) :], formula=True)
    return Cell(text, error=text in ERROR_CODES) if text else EMPTY
