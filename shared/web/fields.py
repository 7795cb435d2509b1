"""The fields of the HTTP shapes that people fill in: texts, codes, days.

What people write is cleaned as an import cleans it: invisible characters, NUL and halves of characters
go, which no database would take either; rare characters and emoji stay.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields
from marshmallow.validate import Length, Regexp

from shared.errors import N_
from shared.text import clean_line, clean_text

NO_CODE = N_("Give a code from the county's lists: small letters, digits, - and _.")
NO_MONTH = N_("Write the month as 2026-03.")


class _Cleaned(fields.String):
    clean: Callable[[str], str]

    def __init__(self, shortest: int | None = None, longest: int = 20_000, **kwargs: Any) -> None:
        if shortest is None:
            shortest = 1 if kwargs.get("required") else 0
        described = {"minLength": shortest, "maxLength": longest} | kwargs.pop("metadata", {})
        super().__init__(metadata=described, **kwargs)
        self.shortest, self.longest = shortest, longest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = type(self).clean(super()._deserialize(value, attr, data, **kwargs))
        if len(text) < self.shortest:
            raise ValidationError(N_("Too short. Say it in a few words more."))
        if len(text) > self.longest:
            raise ValidationError(N_("Too long. Shorten it."))
        return text


class Line(_Cleaned):
    """A text of one line, of `shortest` to `longest` characters once cleaned."""

    clean = staticmethod(clean_line)


class Paragraphs(_Cleaned):
    """A text of several lines, of `shortest` to `longest` characters once cleaned."""

    clean = staticmethod(clean_text)


def code(**kwargs: Any) -> fields.String:
    """The code of a unit, post, township or class."""
    return fields.String(validate=Regexp(r"^[a-z0-9][a-z0-9_-]{0,63}\Z", error=NO_CODE), **kwargs)


def codes(most: int = 50, **kwargs: Any) -> fields.List[str]:
    """Several codes, `most` at most."""
    return fields.List(code(), validate=Length(max=most), **kwargs)


def month(**kwargs: Any) -> fields.String:
    """A month of this century, as 2026-03."""
    return fields.String(validate=Regexp(r"^20[0-9]{2}-(0[1-9]|1[0-2])\Z", error=NO_MONTH), **kwargs)


def day(**kwargs: Any) -> fields.Date:
    """A day of our time: what comes later must still have a day after it."""
    return fields.Date(validate=_of_our_time, **kwargs)


def _of_our_time(day: date) -> None:
    if not 1990 <= day.year < 2200:
        raise ValidationError(N_("Give a day from 1990 to 2199. Check the year."))
