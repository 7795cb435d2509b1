"""Who is signed in: one row per sign-in at the sign-in service, found by the hash of a random token.

The token is in the cookie or with the program, and nowhere else: who reads the table cannot use it.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared import clock
from shared.db.base import SharedBase

LASTS = timedelta(hours=8)
IDLE = timedelta(hours=2)  # of a browser; a program may be silent for as long as its token lasts
SEEN_EVERY = timedelta(minutes=1)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class How(StrEnum):
    """By what somebody signed in."""

    PASSWORD = "password"  # noqa: S105 # nosec B105 # a kind, no password
    OIDC = "oidc"
    TOKEN = "token"  # noqa: S105 # nosec B105 # of a program


class OpenSession(SharedBase):
    """A sign-in that has not ended."""

    __tablename__ = "open_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    post: Mapped[str] = mapped_column(String(64), index=True)
    how: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    wrong_tries: Mapped[int] = mapped_column(default=0)  # of others, since the sign-in before this one

    @property
    def ends_at(self) -> datetime:
        """When it is over, if nobody does anything more."""
        end = self.started_at + LASTS
        return end if self.how == How.TOKEN else min(end, self.seen_at + IDLE)

    @property
    def is_over(self) -> bool:
        return self.ends_at <= clock.now()

    @property
    def handle(self) -> str:
        """A name for it on pages and in commands, which opens nothing."""
        return self.token_hash[:16]


def token_hash(token: str) -> str | None:
    """What is kept of a token (SHA-256, hex); None for what cannot be one."""
    return hashlib.sha256(token.encode()).hexdigest() if _TOKEN.fullmatch(token) else None


def open_session(session: Session, post: str, how: How, wrong_tries: int = 0) -> str:
    """Begin a session; gives its token (256 bit), which is kept nowhere here. Sweeps those that are over."""
    token, now = secrets.token_urlsafe(32), clock.now()
    session.execute(delete(OpenSession).where(OpenSession.started_at <= now - LASTS))
    session.add(
        OpenSession(
            token_hash=token_hash(token),
            post=post,
            how=how,
            started_at=now,
            seen_at=now,
            wrong_tries=wrong_tries,
        )
    )
    session.flush()
    return token


def find_session(session: Session, hash_: str) -> OpenSession | None:
    """The session of a token's hash, or None where it has ended."""
    found = session.get(OpenSession, hash_)
    return None if found is None or found.is_over else found


def is_to_be_noted(found: OpenSession) -> bool:
    """Whether its last use was so long ago that it is to be written down."""
    return clock.now() - found.seen_at >= SEEN_EVERY


def note_use(session: Session, hash_: str) -> None:
    """Write down that a session was used now."""
    session.execute(update(OpenSession).where(OpenSession.token_hash == hash_).values(seen_at=clock.now()))


def sessions_of(session: Session, post: str | None = None) -> Sequence[OpenSession]:
    """The sessions that are open, of a post or of all, the newest first."""
    query = select(OpenSession).order_by(OpenSession.started_at.desc())
    found = session.scalars(query.where(OpenSession.post == post) if post is not None else query)
    return [each for each in found if not each.is_over]


def end_session(session: Session, hash_: str | None) -> None:
    """End one session; nothing happens where there is none."""
    session.execute(delete(OpenSession).where(OpenSession.token_hash == hash_))


def end_sessions(session: Session, post: str, *, handle: str | None = None, but: str | None = None) -> int:
    """End the sessions of a post, or only that of a handle; gives how many.

    `but`: the hash of one that stays.
    """
    ended = delete(OpenSession).where(OpenSession.post == post)
    if handle is not None:
        ended = ended.where(OpenSession.token_hash.startswith(handle, autoescape=True))
    if but is not None:
        ended = ended.where(OpenSession.token_hash != but)
    return int(session.execute(ended).rowcount)  # type: ignore[attr-defined]
