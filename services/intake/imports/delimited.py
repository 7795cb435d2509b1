"""Reads text tables (CSV and its kin), whatever program of an office wrote them.

The encoding is decided by decoding the whole file strictly, never by guessing from statistics: UTF-8
and GB18030 exclude each other on Chinese text of any length, and a damaged file is refused with its
line instead of being stored as garbage.
"""

import codecs
import csv
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

from services.intake.imports.columns import recognised
from services.intake.imports.rows import Row, text_cell
from shared.errors import N_, Invalid

DELIMITERS = ",\t;"
_CHUNK = 1 << 20
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# So many characters beyond ASCII are no accident: GBK text breaks UTF-8 within the first few.
_SURELY_UTF8 = 20


class DelimitedSource:
    """A text table; blank rows are skipped. The whole file is checked here, before any row is used.

    Raises:
        Invalid: the encoding is unknown, a character is damaged, or a quotation mark is not closed.
    """

    kind = "csv"

    def __init__(self, path: Path) -> None:
        self._path = path
        self.encoding = detect_encoding(path)
        self.other_sheets: list[str] = []
        self._delimiter = self._detect_delimiter()
        self.last_row: int | None = self._check()

    def close(self) -> None:
        """Nothing is held open between reads."""

    def records(self) -> Iterator[Row]:
        """The filled rows, from the first."""
        with self._open() as file:
            for number, values in enumerate(self._reader(file, self._delimiter), 1):
                row = Row(number, tuple(map(text_cell, values)))
                if not row.blank:
                    yield row

    def _open(self) -> TextIO:
        return self._path.open(encoding=self.encoding, newline="")

    def _reader(self, file: TextIO, delimiter: str) -> Iterator[list[str]]:
        _announced(file)
        return csv.reader(file, delimiter=delimiter, strict=True)

    def _detect_delimiter(self) -> str:
        with self._open() as file:
            announced = _announced(file)
        return announced or max(DELIMITERS, key=self._likelihood)

    def _likelihood(self, delimiter: str) -> tuple[int, int]:
        """Known column names in the best of the first rows, then cells in it."""
        best = (0, 0)
        with self._open() as file:
            try:
                for values in islice(self._reader(file, delimiter), 10):
                    best = max(best, (sum(recognised(v) is not None for v in values), len(values)))
            except csv.Error:
                return best[0], 0
        return best

    def _check(self) -> int:
        number = 0
        with self._open() as file:
            try:
                for _ in self._reader(file, self._delimiter):
                    number += 1
            except csv.Error:
                raise Invalid(
                    N_(
                        "Row %(row)s cannot be told apart: a quotation mark in it is not closed or stands in "
                        "the wrong place, or a cell is too long. Mend it, or save the table as .xlsx."
                    ),
                    field="file",
                    row=number + 1,
                ) from None
        return number


def _announced(file: TextIO) -> str | None:
    """Skip the line `sep=;` that spreadsheets read as an instruction, and give its delimiter."""
    found = re.fullmatch(r"sep=(.)\r?\n?", file.readline(16), re.IGNORECASE)
    if found:
        return found[1]
    file.seek(0)
    return None


def detect_encoding(path: Path) -> str:
    """The Python name of the encoding of a text file: utf-8-sig, utf-8, utf-16(-le, -be) or gb18030.

    Raises:
        Invalid: it is in none of these, or damaged.
    """
    with path.open("rb") as file:
        head = file.read(1 << 16)
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return _sure(path, encoding)
    if b"\0" in head:
        return _sure(path, utf16_order(head))
    where, beyond_ascii = _first_fault(path, "utf-8")
    if where is None:
        return "utf-8"
    return _sure(path, "utf-8" if beyond_ascii >= _SURELY_UTF8 else "gb18030")


def utf16_order(head: bytes) -> str:
    """Which UTF-16 it is without a mark: digits, commas and line ends have their zero byte on one side."""
    return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"


def _sure(path: Path, encoding: str) -> str:
    line, _ = _first_fault(path, encoding)
    if line is None:
        return encoding
    raise Invalid(
        N_(
            "Line %(line)s has characters that cannot be read. Open the file in the program that wrote it "
            "and save it again as .xlsx, or as CSV in UTF-8."
        ),
        field="file",
        line=line,
    )


def _first_fault(path: Path, encoding: str) -> tuple[int | None, int]:
    """The line with the first undecodable byte, or None, and the non-ASCII characters before it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, beyond_ascii = 1, 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as fault:
                good = fault.object[: fault.start].decode(encoding, "replace")
                return line + good.count("\n"), beyond_ascii + _beyond_ascii(good)
            line += text.count("\n")
            beyond_ascii += _beyond_ascii(text)
            if not chunk:
                return None, beyond_ascii


def _beyond_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))
