"""The measures of GB/T 9704—2012, and how wide a text is in them.

Lengths are in millimetres, sizes of type in points; Word takes twentieths of a point.
"""

import unicodedata
from datetime import date

PAGE_WIDTH, PAGE_HEIGHT = 210, 297  # 5.1: A4
TOP, BOTTOM, LEFT, RIGHT = 37, 35, 28, 26  # 5.2.1: 天头 37, 订口 28; the rest follows from 156 x 225
TEXT_WIDTH, TEXT_HEIGHT = 156, 225  # 版心
LINES, CHARACTERS = 22, 28  # 5.2.3: on a page, in a line

SIZE_2, SIZE_3, SIZE_4 = 22, 16, 14  # 2号, 3号, 4号
SIZE_SMALL_4 = 12  # 小四, in tables
POINTS_OF_MM = 72 / 25.4

LINE = 28.95  # 225 mm / 22 is 28.99: what Word can say below it
TITLE_LINE = 34.0  # 2号 with room between two lines
HEAD_SIZE, HEAD_LINE = 36, 40.0  # of the red head; a line as high as its type would cut it off in Word
HEAD_TOP = 35  # 7.2.4: from the upper edge of the text to that of the red head
RED_RULE_GAP = 4  # 7.2.7: below the document number
BODY_GAP = SIZE_3 * 7 / 8  # 3.2: between two lines, in points
PAGE_NUMBER_BELOW = 7  # 7.5: from the lower edge of the text to the dash

LETTER_HEAD_TOP = 30  # 10.1: from the upper edge of the page
LETTER_RULE_WIDTH = 170
LETTER_RULE_ABOVE_EDGE = 20  # the lower double rule, from the lower edge of the page
LETTER_RULE_GAP = 4

THICK, THIN = 0.35, 0.25  # 7.4.1: the rules of the imprint


def gap_below(millimetres: float, size: float) -> float:
    """Points between a line of type and a rule that are to look so many millimetres apart.

    A character's ink ends a little above the lower edge of its line.
    """
    return points(millimetres) - 0.06 * size


def points(millimetres: float) -> float:
    """Millimetres as points."""
    return millimetres * POINTS_OF_MM


def twips(size: float) -> int:
    """Points as the twentieths that Word takes."""
    return round(size * 20)


# 156 mm / 28 is 15.79 points and 3号 is 16. A grid of characters would say so to Word, but LibreOffice
# gives each of them two cells of it: closed up by a twentieth's multiple, both set 28 in a line.
CLOSED_UP = 0.25
PITCH = SIZE_3 - CLOSED_UP


def cells(text: str) -> float:
    """How many full characters of the grid a text is wide: what is not East Asian takes half."""
    wide = sum(unicodedata.east_asian_width(sign) in "WFA" for sign in text)
    return wide + (len(text) - wide) / 2


def said_day(day: date) -> str:
    """A date as a document says it (7.3.5.4): 2026年3月5日, nothing padded."""
    return f"{day.year}年{day.month}月{day.day}日"


def document_number(mark: str, year: int, number: int) -> str:
    """A document's number (7.2.5): 竹纪通报〔2026〕3号, in six-cornered brackets and without 第 or zeros."""
    return f"{mark}〔{year}〕{number}号"
