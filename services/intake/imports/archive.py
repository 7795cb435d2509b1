"""Guards the unpacking of a workbook: how much, in which pieces, and where its strings are kept.

A few hundred kilobytes can unpack to gigabytes, and a workbook's strings all come before its rows.
"""

import mmap
import tempfile
from array import array
from collections.abc import Iterator
from typing import IO, Any
from zipfile import ZipFile

from defusedxml.ElementTree import iterparse
from openpyxl.cell.text import Text
from openpyxl.xml.constants import SHEET_MAIN_NS

from shared.errors import N_, Invalid

DAMAGED = N_(
    "This file is damaged or was not finished. Open it in Excel or WPS, save it again as .xlsx and send that."
)
MAX_UNPACKED = 300 * 2**20  # bytes of all parts together
MAX_RATIO = 100  # of a part over 10 MB; the blank rows of offices reach 11
MAX_WHOLE = 16 * 2**20  # bytes of a part that openpyxl reads at once
MAX_PIECE = 4 * 2**20  # bytes of one row or one string
MAX_PARTS = 2_000
_READ_WHOLE = ("[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml")
_STRING_TAG = f"{{{SHEET_MAIN_NS}}}si"


class GuardedPart:
    """A part of the archive, read in pieces (rows, strings) of bounded size.

    zipfile never gives more bytes than the directory says, whose sizes `check_parts` has checked.
    """

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._since = 0

    def next_piece(self) -> None:
        """A row or string has ended."""
        self._since = 0

    def read(self, size: int = -1) -> bytes:
        """As a file; raises Invalid where one row or string goes on too long."""
        data = self._raw.read(size)
        self._since += len(data)
        if self._since > MAX_PIECE:
            raise too_large()
        return data


class StringsOnDisk:
    """The shared strings of a workbook, in a nameless temporary file: 8 bytes of memory for each."""

    def __init__(self) -> None:
        self._ends = array("Q", [0])
        self._map: mmap.mmap | bytes = b""

    def read(self, archive: ZipFile, part: str) -> None:
        """Move the strings of this part of the archive to the disk."""
        with archive.open(part) as raw, tempfile.TemporaryFile() as spill:
            for text in _strings(GuardedPart(raw)):
                spill.write(text.encode("utf-8", "surrogatepass"))
                self._ends.append(spill.tell())
            spill.flush()
            if self._ends[-1]:
                self._map = mmap.mmap(spill.fileno(), 0, access=mmap.ACCESS_READ)

    def __getitem__(self, index: int) -> str:
        if index < 0:
            raise IndexError(index)
        return self._map[self._ends[index] : self._ends[index + 1]].decode("utf-8", "surrogatepass")

    def close(self) -> None:
        """Give the disk space back."""
        if isinstance(self._map, mmap.mmap):
            self._map.close()


def _strings(source: GuardedPart) -> Iterator[str]:
    root = None
    for event, element in iterparse(source, events=("start", "end")):
        root = element if root is None else root
        if event == "end" and element.tag == _STRING_TAG:
            text: Any = Text.from_tree(element)
            yield text.content
            root.clear()  # it would keep every string
            source.next_piece()


def check_parts(archive: ZipFile) -> None:
    """Check the archive's directory before anything is unpacked.

    Raises:
        Invalid: it is protected, or would unpack to more than a spreadsheet can need.
    """
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise password_needed()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise too_large()
    for part in parts:
        packed_too_well = part.file_size > 10 * 2**20 and part.file_size > MAX_RATIO * part.compress_size
        if packed_too_well or (part.filename in _READ_WHOLE and part.file_size > MAX_WHOLE):
            raise too_large()


def password_needed() -> Invalid:
    """The answer to a file that opens only with a password."""
    return Invalid(
        N_("This file is protected by a password. Remove the password in your program and save it again."),
        field="file",
    )


def too_large() -> Invalid:
    """The answer to a file that unpacks to more than it may."""
    return Invalid(
        N_(
            "This file would unpack to far more than a table of petitions needs. Copy the filled rows into a "
            "new workbook and send that, or split it."
        ),
        field="file",
    )
