"""Search in the register: every word stands in number, title, place, township or content class.

The text and who brought it are not searched. The columns lie in one index in the order of the register
(models.py), so that a search reads that index and not the petitions, and stops at a full page.
"""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from services.intake.registration.models import Petition
from shared.county import County

MOST_WORDS = 6
_WHOLE = re.compile(r"(?:ZX)?([0-9]{4})-([0-9]{1,6})")
_BEGINNING = re.compile(r"ZX(?:[0-9]{0,4}|[0-9]{4}-0[0-9]{0,4})")
_FIGURES = re.compile(r"[0-9]{1,6}")


def matching(words: str, county: County) -> ColumnElement[bool]:
    """The condition under which a petition is found by what somebody typed."""
    return and_(*(_found_by(word, county) for word in words.split()[:MOST_WORDS]))


def _found_by(word: str, county: County) -> ColumnElement[bool]:
    if _BEGINNING.fullmatch(word.upper()):
        return Petition.number.like(f"{word.upper()}%")
    if whole := _WHOLE.fullmatch(word.upper()):
        number = f"ZX{whole[1]}-{int(whole[2]):06d}"
        return or_(Petition.number == number, Petition.source_number == word)
    places = [_contains(column, word) for column in (Petition.title, Petition.place, Petition.source_number)]
    if townships := _named(county.townships, word):
        places.append(Petition.township.in_(townships))
    if classes := _named(county.content_classes, word):
        places.append(Petition.content_class.in_(classes))
    if _FIGURES.fullmatch(word):
        places.append(Petition.number.like(f"ZX____-{int(word):06d}"))
    return or_(*places)


def _contains(column: Any, word: str) -> ColumnElement[bool]:
    # Small or capital matters only where there are Latin letters; for the rest LIKE is three times as quick.
    found = column.icontains if word.casefold() != word or word.upper() != word else column.contains
    condition: ColumnElement[bool] = found(word, autoescape=True)
    return condition


def _named(entries: Iterable[Any], word: str) -> list[str]:
    """The codes of what is called so in Chinese or English."""
    plain = word.casefold()
    return [e.code for e in entries if plain in e.name or plain in e.name_en.casefold()]
