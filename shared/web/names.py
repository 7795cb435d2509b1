"""What codes are called in the reader's language: the county's units and places, and every vocabulary.

On pages these are filters: `{{ case.office|unit }}`, `{{ petition.channel|label('channel') }}`.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from babel.dates import format_skeleton
from flask import Flask
from flask_babel import get_locale, gettext

from shared.county import County, load_county
from shared.web.labels import LABELS
from shared.web.language import choose_language
from shared.web.request import current_instance

NOTHING = "—"


def install(app: Flask) -> None:
    """Make the filters known to the templates."""
    app.jinja_env.filters |= {
        "label": label,
        "unit": unit_name,
        "post": post_name,
        "township": township_name,
        "content_class": class_name,
        "month": month_name,
    }
    app.jinja_env.globals |= {"labels": labels, "county": county}


def county() -> County:
    """The county of this installation."""
    return load_county(current_instance().settings.county_dir)


def label(code: str | None, vocabulary: str) -> str:
    """What a code of a vocabulary (a key of LABELS) is called; the code itself where it is new."""
    if not code:
        return NOTHING
    known = LABELS[vocabulary].get(str(code))
    return gettext(known) if known else str(code)


def labels(vocabulary: str, codes: Iterable[str] | None = None) -> list[tuple[str, str]]:
    """(code, name) of a vocabulary, all or those asked for, as a select field shows them."""
    chosen = LABELS[vocabulary] if codes is None else codes
    return [(str(code), label(str(code), vocabulary)) for code in chosen]


def unit_name(code: str | None) -> str:
    """A unit by its code."""
    return named(county().units, code)


def post_name(code: str | None) -> str:
    """A post by its code."""
    return named(county().posts, code)


def township_name(code: str | None) -> str:
    """A township by its division code."""
    return named(county().townships, code)


def class_name(code: str | None) -> str:
    """A content class by its two-digit code."""
    return named(county().content_classes, code)


def month_name(month: str | None) -> str:
    """A month such as 2026-03, as the reader's language writes it."""
    if not month:
        return NOTHING
    return str(format_skeleton("yMMMM", date.fromisoformat(f"{month}-01"), locale=get_locale()))


def named(entries: Iterable[Any], code: str | None) -> str:
    """An entry of the county in the reader's language; the code itself where the county has none such."""
    if not code:
        return NOTHING
    chinese = choose_language() == "zh"
    for entry in entries:
        if entry.code == code:
            return str(entry.name if chinese else entry.name_en)
    return code


def choices(entries: Iterable[Any]) -> list[tuple[str, str]]:
    """(code, name) of the county's entries, as a select field shows them."""
    listed = list(entries)
    return [(entry.code, named([entry], entry.code)) for entry in listed]
