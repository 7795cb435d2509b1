"""Reads .xlsx files row by row, and refuses those that would exhaust or deceive the reader.

openpyxl's own read-only mode keeps all shared strings, and a remnant of each row, in memory and pads
gaps with empty rows; offices send sheets that claim 65,000 rows. So its parts are driven from here: one
row at a time, the strings on disk, formulas seen and not computed.
"""

import mmap
import re
import tempfile
import zlib
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError
from zipfile import BadZipFile, LargeZipFile, ZipFile

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from openpyxl.cell.text import Text
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils import range_boundaries
from openpyxl.utils.datetime import from_excel
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.worksheet._reader import DATA_TAG, DIMENSION_TAG, ROW_TAG, WorkSheetParser

from services.intake.imports.rows import EMPTY, Cell, Row, text_cell
from shared.errors import N_, Invalid

MAX_UNPACKED = 300 * 2**20  # bytes of all parts together
MAX_RATIO = 200  # of a part over 10 MB; sheets of offices reach 10, blank rows alone about 60
MAX_WHOLE = 16 * 2**20  # bytes of a part that openpyxl reads at once
MAX_PIECE = 4 * 2**20  # bytes of one row or one string
MAX_PARTS = 2_000
MAX_COLUMNS = 512
_ELEMENTS = 20_000  # cells of one row, blank ones included; a spreadsheet has at most 16,384
_READ_WHOLE = ("[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml")
# Date formats built into Chinese Excel and WPS, which openpyxl does not know (ECMA-376 18.8.30).
_EAST_ASIAN_DATES = frozenset([*range(27, 37), *range(50, 59)])
_STRING_TAG = f"{{{SHEET_MAIN_NS}}}si"
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
        self._strings: _StringsOnDisk | None = None
        try:
            self._archive = ZipFile(path)
        except _BROKEN as fault:
            raise _unreadable(fault) from None
        try:
            self._start(path)
        except _BROKEN as fault:
            self.close()
            raise _unreadable(fault) from None
        except Invalid:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        if self._strings is not None:
            self._strings.close()
        self._archive.close()

    def records(self) -> Iterator[Row]:
        """The filled rows, from the first. Raises Invalid where the file turns out to be broken."""
        try:
            yield from self._rows_of(self._part)
        except _BROKEN as fault:
            raise _unreadable(fault) from None

    def _start(self, path: Path) -> None:
        check_parts(self._archive)
        reader = ExcelReader(self._archive.fp, read_only=True, keep_links=False)
        reader.read_manifest()
        reader.read_workbook()
        self._epoch = reader.wb.epoch
        self._dates, self._spans = _date_styles(reader)
        strings = reader.package.find(SHARED_STRINGS)
        with tempfile.TemporaryFile() as spill:
            self._strings = _StringsOnDisk(self._archive, strings and strings.PartName[1:], spill)
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
            for _, element in iterparse(_Guarded(raw), events=("start",)):
                if element.tag == DIMENSION_TAG:
                    return range_boundaries(element.get("ref", ""))[3]
                if element.tag == DATA_TAG:
                    break
        return None

    def _rows_of(self, part: str) -> Iterator[Row]:
        with self._archive.open(part) as raw:
            source = _Guarded(raw)
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

    def _row(self, parser: WorkSheetParser, element: Element) -> Row:
        if len(element) > _ELEMENTS:
            raise _too_large()
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


class _Guarded:
    """A part of the archive, read in pieces (rows, strings) of bounded size.

    zipfile never gives more bytes than the directory says, whose sizes `check_parts` has checked.
    """

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._since = 0

    def next_piece(self) -> None:
        self._since = 0

    def read(self, size: int = -1) -> bytes:
        data = self._raw.read(size)
        self._since += len(data)
        if self._since > MAX_PIECE:
            raise _too_large()
        return data


class _StringsOnDisk:
    """The shared strings of a workbook, in a nameless temporary file: 8 bytes of memory for each."""

    def __init__(self, archive: ZipFile, part: str | None, spill: IO[bytes]) -> None:
        self._ends = array("Q", [0])
        self._map: mmap.mmap | bytes = b""
        if not part:
            return
        with archive.open(part) as raw:
            source = _Guarded(raw)
            root = None
            for event, element in iterparse(source, events=("start", "end")):
                root = element if root is None else root
                if event == "end" and element.tag == _STRING_TAG:
                    spill.write(Text.from_tree(element).content.encode("utf-8", "surrogatepass"))
                    self._ends.append(spill.tell())
                    root.clear()
                    source.next_piece()
        spill.flush()
        if self._ends[-1]:
            self._map = mmap.mmap(spill.fileno(), 0, access=mmap.ACCESS_READ)

    def __getitem__(self, index: int) -> str:
        if index < 0:
            raise IndexError(index)
        return self._map[self._ends[index] : self._ends[index + 1]].decode("utf-8", "surrogatepass")

    def close(self) -> None:
        if isinstance(self._map, mmap.mmap):
            self._map.close()


def check_parts(archive: ZipFile) -> None:
    """Check the archive's directory before anything is unpacked.

    Raises:
        Invalid: it is protected, or would unpack to more than a spreadsheet can need.
    """
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise password_needed()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise _too_large()
    for part in parts:
        packed_too_well = part.file_size > 10 * 2**20 and part.file_size > MAX_RATIO * part.compress_size
        if packed_too_well or (part.filename in _READ_WHOLE and part.file_size > MAX_WHOLE):
            raise _too_large()


def password_needed() -> Invalid:
    """The answer to a file that opens only with a password."""
    return Invalid(
        N_("This file is protected by a password. Remove the password in your program and save it again."),
        field="file",
    )


def _date_styles(reader: ExcelReader) -> tuple[set[int], set[int]]:
    """The cell styles that show dates, and among them those that show spans of time."""
    try:
        apply_stylesheet(reader.archive, reader.wb)
    except DefusedXmlException:
        raise
    except _BROKEN:
        return set(), set()  # decoration that openpyxl cannot read; dates then arrive as day numbers
    book = reader.wb
    east_asian = {i for i, style in enumerate(book._cell_styles) if style.numFmtId in _EAST_ASIAN_DATES}
    return set(book._date_formats) | east_asian, set(book._timedelta_formats)


def _unescaped(text: str) -> str:
    """Undo the `_x000D_` notation of spreadsheets, except where it stands for half a character."""
    return re.sub(r"_x(?![dD][89a-fA-F]|[fF]{3}[eEfF])([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text)


def _too_large() -> Invalid:
    return Invalid(
        N_(
            "This file would unpack to far more than a table of petitions needs. Copy the filled rows into a "
            "new workbook and send that, or split it."
        ),
        field="file",
    )


def _unreadable(fault: BaseException) -> Invalid:
    if isinstance(fault, DefusedXmlException):
        message = N_(
            "This file contains definitions (XML entities) that no spreadsheet program writes; it is not "
            "opened. Copy the rows into a new workbook and send that."
        )
    else:
        message = N_(
            "This file is damaged or was not finished. Open it in Excel or WPS, save it again as .xlsx, and "
            "send that."
        )
    return Invalid(message, field="file")
