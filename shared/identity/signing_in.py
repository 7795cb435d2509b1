"""The way in, step by step: the password, then a code or a password of one's own where they are asked for.

Each step is a transaction of its own, and a try is counted before it is looked at.
"""

import logging
from enum import StrEnum

from sqlalchemy import select

from shared.db.engine import Database
from shared.errors import N_, Invalid
from shared.identity import second_factor
from shared.identity.accounts import viewer_of
from shared.identity.credentials import (
    Credential,
    Try,
    begin_try,
    password_fits,
    set_password,
    succeed,
    take_back,
)
from shared.identity.passwords import check_password
from shared.identity.sessions import How, end_sessions, open_session
from shared.ledger.acting import acting_as
from shared.ledger.gather import note

log = logging.getLogger(__name__)


class Step(StrEnum):
    """What is still asked for."""

    CODE = "code"
    NEW_PASSWORD = "password"  # noqa: S105 # nosec B105 # a step, no password
    NONE = "none"


def try_password(db: Database, key: str, post: str, password: str) -> bool:
    """Whether a post may go on. False alike, and after as long, for all that keeps it out."""
    tried = _begin(db, key, post)
    with db.read() as session:
        fits = password_fits(session, post, password) and viewer_of(session, post) is not None
    return _end(db, tried, fits)


def try_code(db: Database, key: str, post: str, code: str) -> bool:
    """Whether it is a code that the post may use; it is used up then."""
    tried = _begin(db, key, post)
    with db.write() as session:
        credential = session.scalars(
            select(Credential).where(Credential.post == post).with_for_update()
        ).one_or_none()
        fits = tried.is_looked_at and credential is not None and second_factor.use_code(credential, key, code)
    return _end(db, tried, fits)


def steps_left(db: Database, post: str, *, code_shown: bool = False) -> Step:
    """What is still asked of a post whose password was right."""
    with db.read() as session:
        credential = session.get(Credential, post)
    if credential is None:
        return Step.NONE
    if credential.asks_for_code and not code_shown:
        return Step.CODE
    return Step.NEW_PASSWORD if credential.must_change else Step.NONE


def change_password(db: Database, post: str, password: str, *, but: str | None = None) -> None:
    """Set the password that its holder chose, and end the post's sessions.

    `but`: the hash of one that stays. Raises Invalid where the password may not be used, or is the one
    that the post has.
    """
    check_password(post, password, field="new_password")
    with db.write() as session:
        if password_fits(session, post, password):
            raise Invalid(N_("This is the password that you have. Choose another."), field="new_password")
        set_password(session, post, password, must_change=False)
        end_sessions(session, post, but=but)


def enter(db: Database, post: str, how: How) -> tuple[str, int]:
    """Open a session; gives its token, and how many tries went wrong since the last sign-in."""
    with acting_as(post, "signing_in.enter"), db.write() as session:
        note(session, "signed.in", post)
        wrong = succeed(session, post)
        return open_session(session, post, how, wrong), wrong


def _begin(db: Database, key: str, post: str) -> Try:
    with db.write() as session:
        tried = begin_try(session, post, key)
    if tried.closes:
        log.warning("too many wrong tries: the post is closed for a while", extra={"post": tried.of})
    return tried


def _end(db: Database, tried: Try, fits: bool) -> bool:
    if not (tried.is_looked_at and fits):
        return False
    with db.write() as session:
        take_back(session, tried)
    return True
