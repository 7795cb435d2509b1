"""The text fields of intake's HTTP shapes: what people write is cleaned as an import cleans it.

Invisible characters, NUL and halves of characters go, which no database would take either; rare
characters and emoji stay.
"""

from typing import Any

from marshmallow import ValidationError, fields

from services.intake.imports.text import clean_line, clean_text
from shared.errors import N_


class _Cleaned(fields.String):
    def __init__(self, shortest: int = 0, longest: int = 20_000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shortest, self.longest = shortest, longest

    def _checked(self, text: str) -> str:
        if len(text) < self.shortest:
            raise ValidationError(N_("Too short. Say it in a few words more."))
        if len(text) > self.longest:
            raise ValidationError(N_("Too long. Shorten it."))
        return text


class Line(_Cleaned):
    """A text of one line, of `shortest` to `longest` characters once cleaned."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return self._checked(clean_line(super()._deserialize(value, attr, data, **kwargs)))


class Paragraphs(_Cleaned):
    """A text of several lines, of `shortest` to `longest` characters once cleaned."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return self._checked(clean_text(super()._deserialize(value, attr, data, **kwargs)))
