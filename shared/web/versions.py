"""Two people acting on one thing at once: the later one is told, and nothing of theirs is lost."""

from typing import Protocol

from marshmallow import Schema, fields
from marshmallow.validate import Range

from shared.errors import CHANGED, Changed


class Versioned(Protocol):
    version: int


class StepSchema(Schema):
    """The body of a step that changes something: which version of it was read before."""

    version = fields.Integer(
        required=True, validate=Range(1), metadata={"description": "As read; a stale one is answered 409"}
    )


def check_version(found: Versioned, given: int) -> None:
    """Raises Changed where somebody else changed it since it was read."""
    if found.version != given:
        raise Changed(CHANGED)
