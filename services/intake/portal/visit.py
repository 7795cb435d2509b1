"""The right to see a petition once its code was given: for a while, in the signed cookie, not the code."""

from datetime import datetime
from uuid import UUID

from flask import session as cookie
from sqlalchemy.orm import Session

from services.intake.portal.rules import VISIT_LASTS
from services.intake.registration.codes import issued_on
from shared import clock

_NAME = "portal"


def begin(petition_id: UUID) -> None:
    """Keep that this browser has given the code of a petition."""
    cookie[_NAME] = {"petition": petition_id.hex, "since": clock.now().isoformat()}
    prolong()


def prolong() -> None:
    """Count the time anew, since something was done."""
    cookie[_NAME] = cookie[_NAME] | {"until": (clock.now() + VISIT_LASTS).isoformat()}


def end() -> None:
    """Forget it."""
    cookie.pop(_NAME, None)


def is_under_way() -> bool:
    """Whether a code was given here and not left again; it may be over."""
    return _NAME in cookie


def petition_id(session: Session) -> UUID | None:
    """The petition that this browser may see; None without a code, later, and where it opens no more."""
    kept = cookie.get(_NAME)
    if not kept or clock.now() > datetime.fromisoformat(kept["until"]):
        return None
    found = UUID(kept["petition"])
    issued_at = issued_on(session, found)
    # A code that was issued since took the place of the one that was given here.
    return found if issued_at and issued_at <= datetime.fromisoformat(kept["since"]) else None
