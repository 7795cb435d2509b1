"""Which files may be attached, told by what is in them and never by their name.

The list is short and each kind is told by the beginning that its own standard fixes; pictures must also
decode (pictures.py), and an Office file must be the package that it says it is.
"""

import io
import zipfile
from dataclasses import dataclass
from enum import StrEnum

from shared.errors import N_, Invalid, OutOfOrder

MOST_FILES = 10  # of one petition
LONGEST_NAME = 200


class Kind(StrEnum):
    """What a file is; the value is the ending of the name under which it is given out."""

    PDF = "pdf"
    JPEG = "jpg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"
    DOCX = "docx"
    XLSX = "xlsx"
    MP3 = "mp3"
    M4A = "m4a"
    AMR = "amr"
    MP4 = "mp4"
    TXT = "txt"


class Scan(StrEnum):
    """What the virus scanner said of the original."""

    WAITING = "waiting"
    CLEAN = "clean"
    INFECTED = "infected"  # locked away for good
    FAILED = "failed"  # the scanner could not read it, such as for its size; tried again each hour


PICTURES = frozenset({Kind.JPEG, Kind.PNG, Kind.WEBP, Kind.HEIC})
MEDIA_TYPES = {
    Kind.PDF: "application/pdf",
    Kind.JPEG: "image/jpeg",
    Kind.PNG: "image/png",
    Kind.WEBP: "image/webp",
    Kind.HEIC: "image/heic",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Kind.MP3: "audio/mpeg",
    Kind.M4A: "audio/mp4",
    Kind.AMR: "audio/amr",
    Kind.MP4: "video/mp4",
    Kind.TXT: "text/plain; charset=utf-8",
}
# ISO 14496-12: the brand of a file of boxes stands at 8.
_BRANDS = {
    Kind.HEIC: {b"heic", b"heix", b"heim", b"heis", b"mif1"},
    Kind.M4A: {b"M4A ", b"M4B "},
    Kind.MP4: {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"MSNV", b"M4V "},
}  # fmt: skip
_OFFICE = {Kind.DOCX: "word/document.xml", Kind.XLSX: "xl/workbook.xml"}
OFFICE = frozenset(_OFFICE)
SOUND = frozenset({Kind.MP3, Kind.M4A, Kind.AMR, Kind.MP4})
"""Kinds of which there is no cleaned copy: they are given out as they came, and go when the identity goes."""
_MOST_PARTS = 5_000  # of an Office file
MOST_UNPACKED = 200 * 2**20  # bytes of an Office file's parts together
_TEXT_CONTROLS = set(range(32)) - {9, 10, 12, 13}

NOT_TAKEN = N_(
    "File %(place)s is of a kind that is not taken here, whatever its name says. Send PDF, pictures (JPEG, "
    "PNG, WebP, HEIC), Word or Excel (.docx, .xlsx), sound (MP3, M4A, AMR), video (MP4) or plain text."
)
DAMAGED = N_(
    "File %(place)s is damaged or behind a password. Look whether it opens without one, and save it anew."
)
NOT_SCANNED = N_("This file waits for the virus scan. Try again in a minute.")
SCAN_FAILED = N_("The virus scanner could not read this file, so it is not given out. Tell the operator.")
INFECTED = N_("The virus scanner found something in this file. It is locked away and not given out.")
GONE = N_("This file was erased together with who brought the petition.")
NONE_CHOSEN = N_("Choose at least one file.")
EMPTY = N_("File %(place)s is empty. Look whether it opens on your device, and choose it again.")
TOO_LARGE = N_("File %(place)s has more than %(limit)s MB. Make it smaller, or split it.")
TOO_MANY = N_("At most 10 files belong to one petition; it has %(before)s already. Choose fewer.")
NO_MORE = N_("This petition has 10 files already, which is the most. Put what is new into the text.")


@dataclass(frozen=True)
class Prepared:
    """A file that has passed; `copy` is the cleaned copy, of the kind `copy_kind`, where one can be made."""

    name: str
    kind: Kind
    data: bytes
    sha256: str
    copy: bytes | None = None
    copy_kind: Kind | None = None

    def __repr__(self) -> str:
        return "Prepared(sealed)"  # its name and content are never in a log or a traceback


def kind_of(data: bytes) -> Kind | None:
    """What a file is, by its content; None for what is not taken."""
    if data.startswith(b"%PDF-"):
        return Kind.PDF
    if data.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Kind.WEBP
    if data[4:8] == b"ftyp":
        return next((kind for kind, brands in _BRANDS.items() if data[8:12] in brands), None)
    if data.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return Kind.AMR
    if data.startswith(b"PK\x03\x04"):
        return _office_kind(data)
    if data.startswith(b"ID3") or _is_mpeg_sound(data):
        return Kind.MP3
    return Kind.TXT if _is_text(data) else None


def check_count(new: int, before: int) -> None:
    """Whether so many files may come to those that a petition has. Raises OutOfOrder or Invalid."""
    if before >= MOST_FILES and new:
        raise OutOfOrder(NO_MORE)
    if before + new > MOST_FILES:
        raise Invalid(TOO_MANY, field="files", before=before)


def check_scan(scan: str, *, has_scanner: bool) -> None:
    """Whether a file may be given out. Raises OutOfOrder; without a scanner only what one found before."""
    if scan == Scan.INFECTED:
        raise OutOfOrder(INFECTED)
    if has_scanner and scan == Scan.FAILED:
        raise OutOfOrder(SCAN_FAILED)
    if has_scanner and scan == Scan.WAITING:
        raise OutOfOrder(NOT_SCANNED)


def given_name(number: str, place: int, kind: str) -> str:
    """The name under which a file is given out: what the sender called it may name a person."""
    return f"{number}-{place}.{kind}"


def _office_kind(data: bytes) -> Kind | None:
    """A Word or Excel file without programs in it; its parts are listed, not unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    names = {part.filename for part in parts}
    if not _is_harmless(parts, names):
        return None
    programs = any(name.lower().endswith((".bin", ".exe", ".dll", ".js", ".vbs")) for name in names
                   if "printersettings" not in name.lower())  # fmt: skip
    if len(names) > _MOST_PARTS or programs or "[Content_Types].xml" not in names:
        return None
    return next((kind for kind, part in _OFFICE.items() if part in names), None)


def _is_harmless(parts: list[zipfile.ZipInfo], names: set[str]) -> bool:
    """No bomb, no name twice, no way out of the folder, nothing behind a password."""
    return (
        len(names) == len(parts)
        and sum(part.file_size for part in parts) <= MOST_UNPACKED
        and not any(part.flag_bits & 1 for part in parts)
        and not any(name.startswith(("/", "\\")) or ".." in name.split("/") for name in names)
    )


def _is_mpeg_sound(data: bytes) -> bool:
    """ISO 11172-3: a frame of layer III begins with eleven set bits, and so does the one after it."""
    length = _frame_length(data)
    return length is not None and _frame_length(data[length : length + 4]) is not None


def _frame_length(head: bytes) -> int | None:
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, rate, speed = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or rate in (0, 15) or speed == 3:
        return None
    mpeg1 = version == 3
    rates = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320) if mpeg1 else (
        8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)  # fmt: skip
    speeds = (44100, 48000, 32000)
    hertz = speeds[speed] // {3: 1, 2: 2, 0: 4}[version]
    return (144 if mpeg1 else 72) * rates[rate - 1] * 1000 // hertz + (head[2] >> 1 & 1)


def _is_text(data: bytes) -> bool:
    """Readable as UTF-8, or as GB 18030 where it is not; no control signs but those of a text."""
    if _TEXT_CONTROLS & set(data):
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False
