"""Opens whatever file an office sends as one stream of rows, or says why not and what to do.

What a file is, is told by its bytes: names lie (`.xls` files are often web pages). Memory does not grow
with the number of rows.
"""

import mmap
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self
from zipfile import BadZipFile, ZipFile

from services.intake.imports.archive import DAMAGED, password_needed
from services.intake.imports.columns import is_report_column, recognised
from services.intake.imports.delimited import DelimitedSource, utf16_order
from services.intake.imports.rows import EMPTY, Cell, Row
from services.intake.imports.xlsx import XlsxSource
from shared.errors import N_, Invalid, TooLarge
from shared.text import clean_line

__all__ = ["MAX_BYTES", "Cell", "Row", "Sheet", "open_sheet"]

MAX_BYTES = 50 * 2**20
"""The largest file that is opened, in bytes, unless the caller says otherwise."""
_HEADER_WITHIN = 10
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NO_TABLES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"{\\rtf", b"Rar!",
              b"7z\xbc\xaf", b"\x1f\x8b", b"RIFF")  # fmt: skip
_MARKUP = re.compile(rb"(\xef\xbb\xbf)?\s*<(\?xml|!doctype|html|head|meta|table|body|!--)", re.IGNORECASE)


class Sheet:
    """An open table: its header and a stream of the filled rows below it. Use it as a context manager.

    Attributes:
        header: the column names, cleaned; a nameless column is "".
        header_row: the row in which they stand, from 1.
        claimed_rows: how many rows below the header the file says it has, blank ones included, or None.
        kind: "xlsx" or "csv". encoding: of a CSV file, else None.
        other_sheets: the names of the other sheets that have rows; they are not read.
    """

    def __init__(self, source: XlsxSource | DelimitedSource) -> None:
        self._source = source
        self.kind = source.kind
        self.encoding = source.encoding
        self.other_sheets = source.other_sheets
        found = _find_header(list(islice(source.records(), _HEADER_WITHIN)))
        self.header_row = found.number
        self.header = _names(found)
        last = source.last_row
        self.claimed_rows = None if last is None else max(0, last - found.number)

    def rows(self, after: int = 0) -> Iterator[Row]:
        """The filled rows below the header and below row `after`, each as wide as the header or wider.

        Only a row of a CSV file, or of one returned from it, can be wider: an unquoted delimiter has split
        one of its cells.
        Raises Invalid where an .xlsx file turns out to be damaged; what came before is sound.
        """
        width = len(self.header)
        # A row that was split in a CSV file keeps its surplus in the returned file, to be refused again.
        keeps_surplus = self.kind == "csv" or any(map(is_report_column, self.header))
        for number, cells in self._source.records():
            if number <= max(after, self.header_row):
                continue
            if not keeps_surplus:
                cells = cells[:width]  # notes beside the table
            row = Row(number, cells + (EMPTY,) * (width - len(cells)))
            if not row.blank:
                yield row

    def close(self) -> None:
        """Let go of the file."""
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_sheet(path: Path, filename: str, max_bytes: int = MAX_BYTES) -> Sheet:
    """Open an uploaded .xlsx or text table; its `filename` only decides what is advised for bytes that
    are no table at all.

    Raises:
        TooLarge: it has more than `max_bytes` bytes.
        Invalid: it is no table, protected, damaged, dangerous or without a header row.
    """
    size = path.stat().st_size
    if size > max_bytes:
        raise TooLarge(
            N_("This file has more than %(limit)s MB. Split it into several files."),
            field="file",
            limit=max_bytes // 2**20,
        )
    source = _source(path, filename)
    try:
        return Sheet(source)
    except Invalid:
        source.close()
        raise


def _source(path: Path, filename: str) -> XlsxSource | DelimitedSource:
    with path.open("rb") as file:
        head = file.read(1 << 16)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise _refused(N_("This file is empty. Choose the file with the petitions."))
    if head.startswith(_OLE):
        raise _old_office(path)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        _check_is_workbook(path)
        return XlsxSource(path)
    if _MARKUP.match(head):
        raise _refused(
            N_(
                "This is a web page or XML saved under the name of a spreadsheet. Open it in Excel or WPS, "
                "choose Save as, and send the .xlsx."
            )
        )
    if head.startswith(_NO_TABLES) or _is_binary(head):
        if Path(filename).suffix.lower() == ".xlsx":
            raise _refused(DAMAGED)
        raise _no_table()
    return DelimitedSource(path)


def _is_binary(head: bytes) -> bool:
    """Whether it is full of control characters; zero bytes alone are half of the signs of UTF-16."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    text = head.decode(utf16_order(head) if b"\0" in head else "latin-1", "replace")
    bad = sum(sign == "\ufffd" or (sign < " " and sign not in "\t\n\r") for sign in text)
    return 100 * bad > len(text)


def _old_office(path: Path) -> Invalid:
    """An OLE container: an old workbook or document, or an encrypted new one."""

    def has(name: str) -> bool:
        return content.find(name.encode("utf-16-le")) >= 0

    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if has("EncryptedPackage"):
            return password_needed()
        if has("Workbook") or has("Book"):
            return _refused(
                N_(
                    "This is a workbook in the old .xls format. Open it in Excel or WPS, choose Save as, and "
                    "send the .xlsx."
                )
            )
    return _no_table()


def _check_is_workbook(path: Path) -> None:
    try:
        with ZipFile(path) as archive:
            names = archive.NameToInfo
    except (BadZipFile, ValueError, NotImplementedError, OSError):
        raise _refused(DAMAGED) from None
    if "xl/workbook.xml" not in names:
        if "xl/workbook.bin" in names or "content.xml" in names:
            raise _refused(
                N_("This spreadsheet is not in the .xlsx format. Choose Save as, and send the .xlsx.")
            )
        raise _no_table()


def _find_header(rows: list[Row]) -> Row:
    """The first of the first rows with two known column names; else the first that looks like names."""
    for row in rows:
        if sum(recognised(name) is not None for name in _names(row)) >= 2:
            return row
    candidates = [row for row in rows if sum(not cell.blank for cell in row.cells) >= 2] or rows
    if not candidates or not all(_may_be_name(cell) for cell in candidates[0].cells):
        raise _refused(
            N_(
                "No row with the names of the columns was found at the top of the table. Add one above the "
                "first petition and send the file again."
            )
        )
    return candidates[0]


def _may_be_name(cell: Cell) -> bool:
    if cell.blank:
        return True
    is_text = isinstance(cell.value, str) and not cell.formula and not cell.error
    return is_text and len(str(cell.value)) <= 60 and not re.fullmatch(r"[\d\s./:-]+", str(cell.value))


def _names(row: Row) -> list[str]:
    names = [clean_line(cell.value) if isinstance(cell.value, str) else "" for cell in row.cells]
    while names and not names[-1]:
        names.pop()
    return names


def _no_table() -> Invalid:
    return _refused(N_("This is not a spreadsheet. Send the petitions as a table, saved as .xlsx or .csv."))


def _refused(message: str) -> Invalid:
    return Invalid(message, field="file")
