"""Takes what a camera noted out of a JPEG without touching its picture (ITU-T T.81, annex B).

For pictures inside other files, whose colours depend on the file around them.
"""

_DROPPED = {0xE1, *range(0xE3, 0xEE), 0xEF, 0xFE}
"""EXIF and XMP, makers' notes, captions, comments; JFIF (E0), colour profile (E2), Adobe (EE) stay."""


def without_notes(data: bytes) -> bytes:
    """A JPEG without the segments that tell where, when and with what; what is none comes back as it is."""
    if not data.startswith(b"\xff\xd8"):
        return data
    kept, at = [data[:2]], 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xDA:  # the picture itself follows
            return b"".join((*kept, data[at:]))
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker not in _DROPPED:
            kept.append(data[at:end])
        at = end
    return data
