"""Files as people attach them, made in the test: what they are is in their bytes, not in their names."""

import base64
import io
import struct
import zipfile
import zlib
from typing import Any

import pikepdf
from openpyxl import Workbook
from PIL import Image

PLACE = {1: "N", 2: (32.0, 13.0, 42.0), 3: "E", 4: (109.0, 43.0, 12.0)}  # GPS of EXIF


def picture(form: str, *, exif: bool = False, size: tuple[int, int] = (60, 40)) -> bytes:
    """A small picture; with `exif` it says where and with which device it was taken."""
    image = Image.new("RGB", size, "orange")
    known: dict[str, Any] = {}
    if exif:
        written = Image.Exif()
        written[0x010F], written[0x0112] = "MARKED-DEVICE", 6  # to be turned
        written.get_ifd(0x8825).update(PLACE)
        known = {"exif": written.tobytes()}
        if form == "JPEG":
            known["comment"] = b"MARKED-COMMENT"
    out = io.BytesIO()
    image.save(out, form, **known)
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of a few bytes that would be 40,000 by 40,000 pixels."""
    head = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 10_000)), (b"IEND", b""))
    )


def package(**parts: str) -> bytes:
    """A zip of such parts; `__` in a name stands for `/`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        for name, text in parts.items():
            made.writestr(name.replace("__", "/"), text)
    return out.getvalue()


def workbook() -> bytes:
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


def boxes(brand: bytes) -> bytes:
    """The beginning of a file of ISO boxes."""
    return b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0" + brand + b"\0\0\0\x08mdat"


# 64 by 48 green pixels with EXIF; Pillow and pi_heif can only read this format.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAb5tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    "ADRpbG9jAAAAAERAAAIAAQAAAAAB4gABAAAAAAAAABgAAgAAAAAB+gABAAAAAAAAADIAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAA"
    "AAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAA"
    "kAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq"
    "5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xh"
    "cAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAA"
    "ABppcmVmAAAAAAAAAA5jZHNjAAIAAQABAAAAUm1kYXQAAAAUKAGvBBj4ynHX//T7n71k/QtSEecAAAAGRXhpZgAATU0AKgAAAAgA"
    "AQEPAAIAAAAOAAAAGgAAAABNQVJLRUQtREVWSUNFAA=="
)

EXE = b"MZ\x90\0\3\0\0\0" + b"\0" * 200 + b"This program cannot be run in DOS mode."


def pdf(*, password: str = "") -> bytes:
    """A page with all that a PDF can tell or do besides what can be seen; each of it says MARKED."""
    made, out = pikepdf.new(), io.BytesIO()
    page = made.add_blank_page(page_size=(200, 200))
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="MARKED-SCRIPT()")
    program = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="MARKED-PROGRAM")
    link = {"Type": pikepdf.Name.Annot, "Subtype": pikepdf.Name.Link, "Rect": [0, 0, 9, 9]}
    page.Annots = pikepdf.Array([pikepdf.Dictionary(**link, A=program)])
    page.AA = pikepdf.Dictionary(O=script)
    photo = made.make_stream(picture("JPEG", exif=True))
    photo.Type, photo.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    photo.Width, photo.Height, photo.BitsPerComponent = 60, 40, 8
    photo.ColorSpace, photo.Filter = pikepdf.Name.DeviceRGB, pikepdf.Name.DCTDecode
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=photo))
    page.Contents = made.make_stream(b"q 60 0 0 40 0 0 cm /Im0 Do Q")
    made.Root.OpenAction = script
    made.docinfo["/Author"] = "MARKED-AUTHOR"
    with made.open_metadata() as xmp:
        xmp["dc:creator"] = ["MARKED-XMP"]
    made.attachments["MARKED.exe"] = EXE + b"MARKED-FILE"
    lock = pikepdf.Encryption(owner=password, user=password) if password else False
    made.save(out, encryption=lock, compress_streams=False)
    return out.getvalue()


PDF = pdf()
FRAME = b"\xff\xfb\x90\x64" + b"\0" * 413
DOCX = package(**{"word__document.xml": "<w/>"})
GOOD: dict[str, tuple[bytes, str]] = {
    "pdf": (PDF, "pdf"),
    "jpeg": (picture("JPEG"), "jpg"),
    "png": (picture("PNG"), "png"),
    "webp": (picture("WEBP"), "webp"),
    "heic": (HEIC, "heic"),
    "docx": (DOCX, "docx"),
    "xlsx": (workbook(), "xlsx"),
    "mp3": (FRAME * 3, "mp3"),
    "mp3-tagged": (b"ID3\3\0\0\0\0\0\x0a" + b"\0" * 10 + FRAME, "mp3"),
    "m4a": (boxes(b"M4A "), "m4a"),
    "amr": (b"#!AMR\n" + b"\x3c" * 32, "amr"),
    "mp4": (boxes(b"isom"), "mp4"),
    "txt": ("村里的路灯坏了\r\n".encode(), "txt"),
    "txt-gb": ("村里的路灯坏了".encode("gb18030"), "txt"),
}
BAD: dict[str, bytes] = {
    "a program": EXE,
    "a program behind a text": b"good day\n" + EXE,
    "a zip": package(notes="x"),
    "Word with macros": package(**{"word__document.xml": "<w/>", "word__vbaProject.bin": "x"}),
    "a cut-off package": DOCX[:60],
    "PowerPoint": package(**{"ppt__presentation.xml": "<p/>"}),
    "QuickTime": boxes(b"qt  "),
    "old Word": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500,
    "a picture of no kind that is taken": b"GIF89a" + b"\0" * 40,
    "a damaged picture": picture("JPEG")[:300],
    "a bomb": bomb(),
    "nothing": b"",
    "a PDF behind a password": pdf(password="x"),
    "a damaged PDF": b"%PDF-1.7 nothing else",
    "a package with a way out": package(**{"word__document.xml": "<w/>", "..__..__etc__x.xml": "<x/>"}),
    "a package of many parts": package(
        **{"word__document.xml": "<w/>"} | {f"p{n}": "" for n in range(5_001)}
    ),
    "a package with entities": package(**{"word__document.xml": "<!DOCTYPE w [<!ENTITY a 'x'>]><w>&a;</w>"}),
}


def form(*files: tuple[str, bytes], **fields: str) -> dict[str, Any]:
    """A multipart form with files (name, content)."""
    return fields | {"files": [(io.BytesIO(data), name) for name, data in files]}
