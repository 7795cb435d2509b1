"""Cleans a text without changing what people wrote: rare characters, emoji and paragraphs stay.

NFC, never NFKC: compatibility folding would rewrite names and numbers.
"""

import re
import unicodedata

# Exact as written: joiners (emoji, some scripts) and private-use characters (rare names in GB18030).
_KEPT_CONTROLS = "\u200c\u200d"


def clean_text(text: str) -> str:
    """A text of paragraphs: NFC, invisible characters gone, blanks and blank lines reduced to one."""
    text = re.sub("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]", "\n", text)
    text = unicodedata.normalize("NFC", "".join(map(_visible, text)))
    lines = (re.sub(" +", " ", line).strip(" ") for line in text.split("\n"))
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def clean_line(text: str) -> str:
    """A text of one line: as `clean_text`, with blanks for line breaks."""
    return " ".join(clean_text(text).split("\n")).replace("  ", " ")


def _visible(sign: str) -> str:
    if sign.isascii():
        return sign if sign.isprintable() or sign == "\n" else " " * (sign == "\t")
    kind = unicodedata.category(sign)
    if kind == "Zs":
        return " "
    hidden = kind in ("Cc", "Cs") or (kind == "Cf" and sign not in _KEPT_CONTROLS and not _is_tag(sign))
    return "" if hidden or ord(sign) & 0xFFFE == 0xFFFE else sign


def _is_tag(sign: str) -> bool:
    """The tag characters that spell out some flags in emoji."""
    return 0xE0020 <= ord(sign) <= 0xE007F
