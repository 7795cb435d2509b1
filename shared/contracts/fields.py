"""The kinds of field an event may have: codes, dates, ids and numbers, never free text about people."""

from collections.abc import Iterable
from typing import Any

from marshmallow import fields
from marshmallow.validate import Length, OneOf, Range, Regexp

CODE = r"^[a-z0-9][a-z0-9_-]{0,63}$"


def uuid(description: str, *, required: bool = True) -> fields.UUID:
    """An id of ours, stable across agencies."""
    return fields.UUID(required=required, metadata={"description": description})


def code(description: str, *, required: bool = True) -> fields.String:
    """A code from a list (unit, township, class): lower-case letters, digits, `-` and `_`."""
    return fields.String(
        required=required,
        validate=Regexp(CODE),
        metadata={"description": description},
    )


def codes(description: str, *, required: bool = True) -> fields.List[str]:
    """Several codes, possibly none."""
    return fields.List(
        fields.String(validate=Regexp(CODE)),
        required=required,
        validate=Length(max=100),
        metadata={"description": description},
    )


def choice(description: str, values: Iterable[str], *, required: bool = True) -> fields.String:
    """One of a closed list; another value needs a new version of the event."""
    return fields.String(
        required=required, validate=OneOf(list(values)), metadata={"description": description}
    )


def number(description: str = "The petition's number, e.g. ZX2026-000123") -> fields.String:
    """A registration or document number of this installation."""
    return fields.String(
        required=True,
        validate=Regexp(r"^[A-Z]{2,8}[0-9]{4}-[0-9]{6,9}$"),
        metadata={"description": description},
    )


def document_number(
    description: str = "The number of an official document, e.g. 竹纪通报〔2026〕3号",
) -> fields.String:
    """A document's number: the issuer's mark, the year in six-cornered brackets, the place in it."""
    return fields.String(
        required=True,
        validate=Regexp(r"^[一-鿿]{1,20}〔[0-9]{4}〕[1-9][0-9]{0,5}号$"),
        metadata={"description": description},
    )


def month(description: str = "The month, e.g. 2026-03") -> fields.String:
    """A month of the county's calendar."""
    return fields.String(
        required=True,
        validate=Regexp(r"^[0-9]{4}-(0[1-9]|1[0-2])$"),
        metadata={"description": description},
    )


def digest(description: str) -> fields.String:
    """A hash of 32 bytes in hexadecimal digits."""
    return fields.String(
        required=True, validate=Regexp(r"^[0-9a-f]{64}$"), metadata={"description": description}
    )


def signature(description: str) -> fields.String:
    """A signature of 64 bytes (Ed25519) in base64."""
    return fields.String(
        required=True, validate=Regexp(r"^[A-Za-z0-9+/]{86}==$"), metadata={"description": description}
    )


def day(description: str, *, required: bool = True) -> fields.Date:
    """A date in the county's calendar."""
    return fields.Date(required=required, metadata={"description": description})


def moment(description: str, *, required: bool = True) -> fields.AwareDateTime:
    """A moment with its offset."""
    return fields.AwareDateTime(required=required, metadata={"description": description})


class WholeNumber(fields.Integer):
    """Takes 3.0 for 3, as JSON Schema does: some languages write their numbers so."""

    def _validated(self, value: Any) -> int:
        whole = isinstance(value, float) and value.is_integer()
        return super()._validated(int(value) if whole else value)


def count(description: str, *, required: bool = True) -> WholeNumber:
    """A whole number, 0 or more."""
    return WholeNumber(
        required=required, strict=True, validate=Range(min=0), metadata={"description": description}
    )


def flag(description: str, *, required: bool = True) -> fields.Boolean:
    """True or false."""
    return fields.Boolean(
        required=required, truthy={True}, falsy={False}, metadata={"description": description}
    )
