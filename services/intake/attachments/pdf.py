"""Cleaned copies of PDF files, written anew by qpdf: what can be seen stays, what could act or tell does not.

Gone are author, program and dates, XMP, scripts, embedded files, forms' programs, every action but a jump
within the file, and what cameras noted in the pictures.
"""

import io
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from services.intake.attachments.jpeg import without_notes
from services.intake.attachments.rules import DAMAGED
from shared.errors import Invalid

# One stream of a file may not fill the memory; set once for the process, since qpdf knows it so.
pikepdf.settings.set_qpdf_limits(flate_max_memory=200 * 2**20, run_length_max_memory=200 * 2**20)
_TELLING = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb")
_ACTING = ("/OpenAction", "/AA", "/XFA", "/JavaScript", "/EmbeddedFiles", "/AF", "/EF", "/Collection")
_HARMLESS_ACTIONS = ("/GoTo", "/Named")
_ACTING_ANNOTATIONS = ("/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D")


def clean_pdf(data: bytes, place: int) -> bytes:
    """A PDF without metadata and without anything that acts. Raises Invalid naming the file's place."""
    out = io.BytesIO()
    try:
        with Pdf.open(io.BytesIO(data)) as pdf:
            if not len(pdf.pages):
                raise Invalid(DAMAGED, field="files", place=place)
            if "/Info" in pdf.trailer:
                del pdf.trailer["/Info"]
            for found in pdf.objects:
                _clean(found)
            pdf.save(out, encryption=False, fix_metadata_version=False)
    except Invalid:
        raise
    except Exception:  # of many classes, and it may quote the file
        raise Invalid(DAMAGED, field="files", place=place) from None
    return out.getvalue()


def _clean(found: Object) -> None:
    """Clean an object and what lies directly in it; what it refers to comes in its own turn."""
    stack: list[Any] = [found]
    while stack:
        each = stack.pop()
        if isinstance(each, Array):
            stack += [inner for inner in each if _is_direct(inner)]
        elif isinstance(each, Dictionary | Stream):
            _clean_entries(each)
            stack += [inner for _key, inner in each.items() if _is_direct(inner)]
            if isinstance(each, Stream):
                _clean_picture(each)


def _is_direct(found: Any) -> bool:
    return isinstance(found, Array | Dictionary) and not found.is_indirect


def _clean_entries(found: Dictionary | Stream) -> None:
    for key in (*_TELLING, *_ACTING):
        if key in found:
            del found[key]
    for key in ("/A", "/PA", "/Next"):
        action = found.get(key)
        if isinstance(action, Dictionary | Array) and not _is_jump(action):
            del found[key]
    if "/Annots" in found and isinstance(found["/Annots"], Array):
        kept = [a for a in found["/Annots"] if not _acts(a)]
        found["/Annots"] = Array(kept)


def _is_jump(action: Any) -> bool:
    """A jump within the file, or no action at all: other dictionaries may use the same short name."""
    if isinstance(action, Array):
        return False
    return "/S" not in action or str(action["/S"]) in _HARMLESS_ACTIONS


def _acts(annotation: Any) -> bool:
    return isinstance(annotation, Dictionary) and str(annotation.get("/Subtype")) in _ACTING_ANNOTATIONS


def _clean_picture(found: Stream) -> None:
    if found.get("/Filter") == Name("/DCTDecode"):
        found.write(without_notes(found.read_raw_bytes()), filter=Name("/DCTDecode"))
