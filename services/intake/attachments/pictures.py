"""Clean copies of pictures: decoded and written anew, so that only what can be seen is left.

EXIF with the place where it was taken, comments, thumbnails, colour profiles and whatever hangs behind the
picture stay with the sealed original.
"""

import io

from pi_heif import register_heif_opener
from PIL import Image, ImageOps

from services.intake.attachments.rules import Kind
from shared.errors import N_, Invalid

MOST_PIXELS = 64_000_000  # a telephone takes up to 50 million; 64 million need 200 MB while decoded
_FORMATS = {Kind.JPEG: "JPEG", Kind.PNG: "PNG", Kind.WEBP: "WEBP", Kind.HEIC: "HEIF"}

TOO_BIG = N_("The picture in file %(place)s has too many pixels. Save it smaller, at most 64 megapixels.")
UNREADABLE = N_("The picture in file %(place)s is damaged. Look whether it opens, and take or save it anew.")

register_heif_opener(thumbnails=False)


def clean_copy(data: bytes, kind: Kind, place: int) -> tuple[bytes, Kind]:
    """A picture without metadata, upright; HEIC becomes JPEG. Raises Invalid naming the file's place."""
    try:
        with Image.open(io.BytesIO(data), formats=(_FORMATS[kind],)) as image:
            if image.width * image.height > MOST_PIXELS:  # before a pixel of it is decoded
                raise Invalid(TOO_BIG, field="files", place=place)
            return _written(ImageOps.exif_transpose(image), kind)
    except Invalid:
        raise
    except Image.DecompressionBombError:
        raise Invalid(TOO_BIG, field="files", place=place) from None
    except Exception:  # decoders raise whatever they like; from None: it may quote the file
        raise Invalid(UNREADABLE, field="files", place=place) from None


def _written(image: Image.Image, kind: Kind) -> tuple[bytes, Kind]:
    kind = Kind.JPEG if kind is Kind.HEIC else kind
    seen = kind is not Kind.JPEG and image.has_transparency_data
    plain = image.convert("RGBA" if seen else "L" if image.mode in ("1", "L") else "RGB")
    plain.info = {}  # some writers would take comments and profiles from here
    out = io.BytesIO()
    plain.save(out, _FORMATS[kind], **({} if kind is Kind.PNG else {"quality": 90}))
    return out.getvalue(), kind
