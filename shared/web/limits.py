"""How often one post, and everybody at an open door together, may ask in a minute. Nobody's address counts.

Kept in the memory of each web process: with two, twice as much gets through. What one machine may ask of the
portal is the reverse proxy's to limit, which sees the address and keeps it no longer than a minute.
"""

from collections.abc import Callable
from typing import NoReturn, TypeVar

from flask import Flask, current_app, request
from flask_limiter import Limiter, RequestLimit

from shared.errors import N_, Problem
from shared.runtime.settings import Settings
from shared.web.access import PEERS, PUBLIC, viewer_or_none
from shared.web.request import current_instance

F = TypeVar("F")
SUBMISSIONS, PORTAL = "submissions", "portal"


class TooMany(Problem):
    """More requests in a minute than one may make."""

    status = 429
    kind = "too-many-requests"
    title = N_("Too many requests")
    retry_after = 60  # seconds


BUDGETS: dict[str, Callable[[Settings], int]] = {
    "post": lambda settings: settings.rate_per_post,
    SUBMISSIONS: lambda settings: settings.rate_submissions,
    PORTAL: lambda settings: settings.rate_portal,
}


def counted(door: str) -> Callable[[F], F]:
    """Let an open view share the budget of a door (SUBMISSIONS, PORTAL) with all who come to it."""

    def mark(view: F) -> F:
        view.door = door  # type: ignore[attr-defined]
        return view

    return mark


def install(app: Flask) -> None:
    """Count every request of an application that its guard lets in; to be installed after access.py."""
    Limiter(
        _who,
        app=app,
        application_limits=[_a_minute],
        application_limits_exempt_when=_is_free,
        storage_uri="memory://",
        strategy="fixed-window",
        on_breach=_refuse,
    )


def _who() -> str:
    """Whose budget a request is taken from; empty: nobody's."""
    view = current_app.view_functions.get(request.endpoint or "")
    if door := getattr(view, "door", None):
        return str(door)
    is_for_people = getattr(view, "access", PEERS) not in (PUBLIC, PEERS)
    viewer = viewer_or_none() if is_for_people else None
    return f"post {viewer.post}" if viewer else ""


def _budget() -> int:
    name = _who().partition(" ")[0]
    return BUDGETS[name](current_instance().settings) if name else 0


def _is_free() -> bool:
    return _budget() == 0


def _a_minute() -> str:
    return f"{_budget()} per minute"


def _refuse(_limit: RequestLimit) -> NoReturn:
    if _who().startswith("post "):
        raise TooMany(N_("This post asks too much at once. Wait a minute, then go on more slowly."))
    raise TooMany(
        N_(
            "Very much is coming in at this moment. Nothing was taken. Wait a minute, go back, where what "
            "you typed still stands, and send it again."
        )
    )
