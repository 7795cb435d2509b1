"""What marshmallow and webargs say about a wrong field, marked for the catalogue.

They write English, and some put a limit into it; those are known again by their pattern. The limit is
ours: no message here has a place for what was typed.
"""

import re

from shared.errors import N_

PLAIN = (
    N_("Missing data for required field."),
    N_("Field may not be null."),
    N_("Invalid value."),
    N_("Invalid type."),
    N_("Invalid input type."),
    N_("Invalid JSON body."),
    N_("Unknown field."),
    N_("Not a valid list."),
    N_("Not a valid mapping type."),
    N_("Not a valid string."),
    N_("Not a valid utf-8 string."),
    N_("Not a valid UUID."),
    N_("Not a valid number."),
    N_("Number too large."),
    N_("Special numeric values (nan or infinity) are not permitted."),
    N_("Not a valid integer."),
    N_("Not a valid boolean."),
    N_("Not a valid date."),
    N_("Not a valid time."),
    N_("Not a valid datetime."),
    N_("Not a valid aware datetime."),
    N_("String does not match expected pattern."),
)
WITH_LIMITS = (
    N_("Shorter than minimum length %(min)s."),
    N_("Longer than maximum length %(max)s."),
    N_("Length must be between %(min)s and %(max)s."),
    N_("Length must be %(equal)s."),
    N_("Must be greater than or equal to %(min)s and less than or equal to %(max)s."),
    N_("Must be greater than or equal to %(min)s."),
    N_("Must be less than or equal to %(max)s."),
    N_("Must be one of: %(choices)s."),
)
_PATTERNS = {
    msgid: re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+)", re.escape(msgid))) for msgid in WITH_LIMITS
}


def taken_apart(message: str) -> tuple[str, dict[str, str]]:
    """The msgid of a built-in message and its limits; any other message as it is, with none."""
    for msgid, pattern in _PATTERNS.items():
        if found := pattern.fullmatch(message):
            return msgid, found.groupdict()
    return message, {}
