"""What may go wrong by someone's input, said once for the API (problem+json), pages and commands.

A message is an English gettext msgid with %(name)s places; the edge that shows it translates it.
It says what to do, and never carries what the person typed about somebody.
"""

from typing import Any


def N_(message: str) -> str:
    """Mark a msgid for the catalogue; it is translated where it is shown."""
    return message


CHANGED = N_(
    "Somebody else changed this meanwhile. Load it again, look at what is new, and repeat your step."
)


class Problem(Exception):
    """An answer that the person or program who asked can act on (RFC 9457)."""

    status = 400
    kind = "bad-request"
    title = N_("The request cannot be used")
    retry_after: int | None = None  # seconds, where waiting helps

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        fields: dict[str, list[str]] | None = None,
        **params: Any,
    ) -> None:
        super().__init__(message % params if params else message)
        self.message = message
        self.params = params
        self.fields = fields if fields is not None else ({field: [message]} if field else {})


class Invalid(Problem):
    """A value is missing or wrong; `field` names it."""

    status = 422
    kind = "invalid"
    title = N_("Something in the form needs mending")


class NotFound(Problem):
    """It does not exist, or not for this person: the two are answered alike."""

    status = 404
    kind = "not-found"
    title = N_("Not found")


class SignInNeeded(Problem):
    """Nobody is signed in."""

    status = 401
    kind = "sign-in-needed"
    title = N_("Sign in first")


class Forbidden(Problem):
    """Someone is signed in whose role does not include this step."""

    status = 403
    kind = "forbidden"
    title = N_("Your role does not include this")


class OutOfOrder(Problem):
    """The step does not fit the state that the matter is in."""

    status = 409
    kind = "out-of-order"
    title = N_("This step is not possible now")


class Changed(Problem):
    """Somebody else changed it since it was read."""

    status = 409
    kind = "changed"
    title = N_("Changed by somebody else meanwhile")


class TooLarge(Problem):
    """More bytes than the limit says."""

    status = 413
    kind = "too-large"
    title = N_("Too large")


class Unavailable(Problem):
    """It cannot be done now and nothing was changed; what it needs is away, and comes back."""

    status = 503
    kind = "unavailable"
    title = N_("Not available now")


class SettingError(Exception):
    """A setting or data file of this installation is wrong; the message says what to set."""
