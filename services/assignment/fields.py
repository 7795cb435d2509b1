"""The fields of assignment's HTTP shapes: texts that any database takes, codes, days of our time."""

from datetime import date
from typing import Any

from marshmallow import ValidationError, fields
from marshmallow.validate import Length, Regexp

from shared.errors import N_


def _keepable(text: str) -> None:
    if any(char == "\x00" or "\ud800" <= char <= "\udfff" for char in text):
        raise ValidationError(N_("It has characters that cannot be kept (NUL or half a character)."))


def text(*, longest: int, shortest: int = 1, **kwargs: Any) -> fields.String:
    """What somebody writes, kept as it is written."""
    return fields.String(validate=[Length(shortest, longest), _keepable], **kwargs)


def code(**kwargs: Any) -> fields.String:
    """The code of a unit, post or township."""
    return fields.String(validate=Regexp(r"^[a-z0-9][a-z0-9_-]{0,63}\Z"), **kwargs)


def day(**kwargs: Any) -> fields.Date:
    """A day of our time: what comes later must still have a day after it."""
    return fields.Date(validate=_of_our_time, **kwargs)


def _of_our_time(day: date) -> None:
    if not 1990 <= day.year < 2200:
        raise ValidationError(N_("Give a day from 1990 to 2199. Check the year."))
