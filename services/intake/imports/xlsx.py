"""Reads .xlsx files row by row, and refuses those that would exhaust or deceive the reader.

openpyxl's own read-only mode keeps all shared strings, and a remnant of each row, in memory and pads
gaps with empty rows; offices send sheets that claim 65,000 rows. So its parts are driven from here: one
row at a time, the strings on disk, formulas seen and not computed.
"""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError  # nosec B405 # the name of an error; defusedxml parses
from zipfile import BadZipFile, LargeZipFile, ZipFile

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils import range_boundaries
from openpyxl.utils.datetime import from_excel
from openpyxl.worksheet._reader import DATA_TAG, DIMENSION_TAG, ROW_TAG, WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS

from services.intake.imports.archive import DAMAGED, GuardedPart, StringsOnDisk, check_parts, too_large
from services.intake.imports.rows import EMPTY, Cell, Row, text_cell
from shared.errors import N_, Invalid

MAX_COLUMNS = 512
_ELEMENTS = 20_000  # cells of one row, blank ones included; a spreadsheet has at most 16,384
# Date formats built into Chinese Excel and WPS, which openpyxl does not know (ECMA-376 18.8.30).
_EAST_ASIAN_DATES = frozenset([*range(27, 37), *range(50, 59)])
# What zipfile, the XML parser and openpyxl raise on a file that is not what it says.
_BROKEN = (BadZipFile, LargeZipFile, zlib.error, EOFError, ParseError, LookupError, ValueError, TypeError,
           AttributeError, ArithmeticError, NotImplementedError, RuntimeError)  # fmt: skip


class XlsxSource:
    """The first visible worksheet that has rows; blank rows are skipped. Close it after use.

    Raises:
        Invalid: the file is broken, dangerous, protected or has no rows.
    """

    kind = "xlsx"
    encoding: str | None = None

    def __init__(self, path: Path) -> None:
        self._strings = StringsOnDisk()
        try:
            self._archive = ZipFile(path)
        except _BROKEN as fault:
            raise _unreadable(fault) from None
        try:
            self._start()
        except _BROKEN as fault:
            self.close()
            raise _unreadable(fault) from None
        except Invalid:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._strings.close()
        self._archive.close()

    def records(self) -> Iterator[Row]:
        """The filled rows, from the first. Raises Invalid where the file turns out to be broken."""
        try:
            yield from self._rows_of(self._part)
        except _BROKEN as fault:
            raise _unreadable(fault) from None

    def _start(self) -> None:
        check_parts(self._archive)
        file: Any = self._archive.fp
        reader = ExcelReader(file, read_only=True, keep_links=False)
        reader.read_manifest()
        try:
            reader.read_workbook()
        except OSError as fault:
            raise BadZipFile from fault  # openpyxl's word for a package without a workbook
        self._epoch = reader.wb.epoch
        self._dates, self._spans = _date_styles(reader)
        package: Any = reader.package
        strings = package.find(SHARED_STRINGS)
        if strings:
            self._strings.read(self._archive, strings.PartName[1:])
        self._choose(list(reader.parser.find_sheets()))

    def _choose(self, sheets: list[tuple[Any, Any]]) -> None:
        found: list[tuple[str, str, str]] = []
        for sheet, relation in sheets:
            is_table = "worksheet" in relation.Type and relation.target in self._archive.NameToInfo
            if is_table and next(self._rows_of(relation.target), None) is not None:
                found.append((sheet.state, sheet.name, relation.target))
        chosen = next((each for each in found if each[0] == "visible"), None)
        if chosen is None:
            raise Invalid(
                N_(
                    "No visible sheet of this file has a filled row. If it does in your program, save it "
                    "again as an ordinary .xlsx workbook."
                ),
                field="file",
            )
        self._part = chosen[2]
        self.other_sheets = [each[1] for each in found if each is not chosen]
        self.last_row = self._claimed()

    def _claimed(self) -> int | None:
        """The last row that the sheet claims to have, filled or not; None where it does not say."""
        with self._archive.open(self._part) as raw:
            for _, element in iterparse(GuardedPart(raw), events=("start",)):
                if element.tag == DIMENSION_TAG:
                    return range_boundaries(element.get("ref", ""))[3]
                if element.tag == DATA_TAG:
                    break
        return None

    def _rows_of(self, part: str) -> Iterator[Row]:
        with self._archive.open(part) as raw:
            source = GuardedPart(raw)
            parser = WorkSheetParser(source, self._strings)
            data = None
            for event, element in iterparse(source, events=("start", "end")):
                if event == "start":
                    data = element if element.tag == DATA_TAG else data
                elif element.tag == DATA_TAG:
                    return
                elif element.tag == ROW_TAG and data is not None:
                    row = self._row(parser, element)
                    source.next_piece()
                    data.clear()  # the parent would keep every row
                    parser.row_dimensions.clear()
                    if not row.blank:
                        yield row

    def _row(self, parser: WorkSheetParser, element: Any) -> Row:
        if len(element) > _ELEMENTS:
            raise too_large()
        number, parsed = parser.parse_row(element)
        cells: list[Cell] = []
        for each in parsed:
            cell = self._cell(each)
            if cell is EMPTY:
                continue
            if each["column"] > MAX_COLUMNS:
                raise Invalid(
                    N_(
                        "Row %(row)s has a cell beyond column %(limit)s. Remove what stands beside the table."
                    ),
                    field="file",
                    row=number,
                    limit=MAX_COLUMNS,
                )
            cells.extend([EMPTY] * (each["column"] - len(cells)))
            cells[each["column"] - 1] = cell
        return Row(number, tuple(cells))

    def _cell(self, parsed: dict[str, Any]) -> Cell:
        value, kind = parsed["value"], parsed["data_type"]
        if kind == "f":
            return Cell(str(getattr(value, "text", value) or "="), formula=True)
        if value is None:
            return EMPTY
        if kind == "e":
            return Cell(str(value), error=True)
        if kind == "n" and parsed["style_id"] in self._dates:
            try:
                return Cell(from_excel(value, self._epoch, timedelta=parsed["style_id"] in self._spans))
            except (OverflowError, ValueError):
                return Cell(value)  # a long number in a cell formatted as a date
        return text_cell(_unescaped(value)) if isinstance(value, str) else Cell(value)


def _date_styles(reader: ExcelReader) -> tuple[set[int], set[int]]:
    """The cell styles that show dates, and among them those that show spans of time."""
    try:
        apply_stylesheet(reader.archive, reader.wb)
    except DefusedXmlException:
        raise
    except _BROKEN:
        return set(), set()  # decoration that openpyxl cannot read; dates then arrive as day numbers
    book: Any = reader.wb
    east_asian = {i for i, style in enumerate(book._cell_styles) if style.numFmtId in _EAST_ASIAN_DATES}
    return set(book._date_formats) | east_asian, set(book._timedelta_formats)


def _unescaped(text: str) -> str:
    """Undo the `_x000D_` notation of spreadsheets, except where it stands for half a character."""
    return re.sub(r"_x(?![dD][89a-fA-F]|[fF]{3}[eEfF])([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text)


def _unreadable(fault: BaseException) -> Invalid:
    if isinstance(fault, DefusedXmlException):
        message = N_(
            "This file contains definitions (XML entities) that no spreadsheet program writes; it is not "
            "opened. Copy the rows into a new workbook and send that."
        )
    else:
        message = DAMAGED
    return Invalid(message, field="file")
