"""Passwords of posts, and what slows down who guesses them; kept by the sign-in service alone.

Wrong tries count by post, never by address, and a post that does not exist counts alike: the answer and its
time say neither whether there is such a post nor whether it is closed.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared import clock
from shared.db.base import SharedBase, insert_into
from shared.identity.passwords import fits, hashed

FREE_TRIES = 3  # before the first pause
LONGEST_PAUSE = timedelta(seconds=60)
MOST_TRIES = 10
MOST_TRIES_WITH_CODE = 50  # a guessed password opens nothing there: locking out would serve the guesser only
CLOSED_FOR = timedelta(minutes=15)
NAMES_OF_NOBODY = 1024  # how many counters all posts that do not exist share


class Credential(SharedBase):
    """How a post proves itself; without a row or a hash it has no password."""

    __tablename__ = "credential"

    post: Mapped[str] = mapped_column(String(64), primary_key=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    must_change: Mapped[bool] = mapped_column(default=False)  # somebody else chose it
    signed_in_at: Mapped[datetime | None]  # last
    sealed_secret: Mapped[str | None] = mapped_column(String(200))  # of the one-time codes, see second_factor
    secret_confirmed: Mapped[bool] = mapped_column(default=False)
    last_code: Mapped[int] = mapped_column(default=0)  # time step of the last code that was used
    recovery_hashes: Mapped[list[str]] = mapped_column(default=list)

    @property
    def asks_for_code(self) -> bool:
        return self.sealed_secret is not None and self.secret_confirmed


class WrongTries(SharedBase):
    """Tries that went wrong: `of` is a post, or `?` and a short keyed hash for one that does not exist."""

    __tablename__ = "wrong_tries"

    of: Mapped[str] = mapped_column(String(64), primary_key=True)
    in_a_row: Mapped[int] = mapped_column(default=0)  # since the last sign-in or the last time it was closed
    since_sign_in: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]
    closed_until: Mapped[datetime | None]


@dataclass(frozen=True)
class Try:
    """One try to sign in, which counts as wrong until it is taken back."""

    of: str
    is_looked_at: bool  # False: within a pause, or closed
    closes: bool = False  # a post that exists, unless it is taken back


def pause_after(wrong: int) -> timedelta:
    """How long a post waits after so many wrong tries in a row: 1, 2, 4 … 60 seconds from the third on."""
    if wrong < FREE_TRIES:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(wrong - FREE_TRIES, 10)), LONGEST_PAUSE)


def begin_try(session: Session, post: str, secret: str) -> Try:
    """Count a try before anything of it is looked at, so that tries at the same time all count.

    `secret` keys the short hash of posts that do not exist: what was typed there is not kept.
    """
    credential = session.get(Credential, post)
    name = post if credential is not None else _nobody(post, secret)
    now = clock.now()
    new = insert_into(session, WrongTries).values(of=name, in_a_row=0, since_sign_in=0, last_at=now)
    session.execute(new.on_conflict_do_nothing())
    row = session.scalars(
        select(WrongTries)
        .where(WrongTries.of == name)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if _is_closed(row, now) or now < row.last_at + pause_after(row.in_a_row):
        return Try(name, False)
    if row.closed_until is not None:  # it was; begin anew
        row.closed_until, row.in_a_row = None, 0
    row.in_a_row += 1
    row.since_sign_in += 1
    row.last_at = now
    most = MOST_TRIES_WITH_CODE if credential is not None and credential.asks_for_code else MOST_TRIES
    if row.in_a_row >= most:
        row.closed_until = now + CLOSED_FOR
    session.flush()
    return Try(name, True, credential is not None and row.closed_until is not None)


def take_back(session: Session, tried: Try) -> None:
    """A try that was right counts no more; those before it do, until the post is in."""
    row = session.get(WrongTries, tried.of, with_for_update=True)
    if row is not None:
        row.in_a_row, row.since_sign_in = max(0, row.in_a_row - 1), max(0, row.since_sign_in - 1)
        row.closed_until = None if tried.closes else row.closed_until


def succeed(session: Session, post: str) -> int:
    """Forget the wrong tries of a post that has signed in; gives how many there were."""
    row = session.get(WrongTries, post)
    wrong = row.since_sign_in if row is not None else 0
    if row is not None:
        session.delete(row)
    _credential_of(session, post).signed_in_at = clock.now()
    session.flush()
    return wrong


def password_fits(session: Session, post: str, password: str) -> bool:
    """Whether it is the post's password; takes as long where the post has none."""
    credential = session.get(Credential, post)
    return fits(credential.password_hash if credential else None, password)


def set_password(session: Session, post: str, password: str, *, must_change: bool) -> None:
    """Keep a password for a post; `must_change`: somebody else than its holder chose it."""
    credential = _credential_of(session, post)
    credential.password_hash, credential.must_change = hashed(password), must_change
    session.flush()


def load_demo_passwords(session: Session, posts: list[str], password: str) -> None:
    """Give every post without a password the demo's, which need not be changed."""
    known = set(session.scalars(select(Credential.post)))
    hash_ = hashed(password)
    for post in posts:
        if post not in known:
            session.add(Credential(post=post, password_hash=hash_, must_change=False))
    session.flush()


def unlock(session: Session, post: str) -> bool:
    """Let a post try again at once; how many tries went wrong is still told to it. False where none did."""
    open_again = update(WrongTries).where(WrongTries.of == post, WrongTries.in_a_row > 0)
    done = session.execute(open_again.values(in_a_row=0, closed_until=None))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def closed_posts(session: Session) -> dict[str, datetime]:
    """The posts that are closed now after too many wrong tries, and until when."""
    rows = select(WrongTries.of, WrongTries.closed_until).where(
        WrongTries.closed_until > clock.now(), WrongTries.of.not_like("?%")
    )
    return {of: until for of, until in session.execute(rows) if until is not None}


def _credential_of(session: Session, post: str) -> Credential:
    credential = session.get(Credential, post)
    if credential is None:
        credential = Credential(
            post=post, recovery_hashes=[], last_code=0, secret_confirmed=False, must_change=False
        )
        session.add(credential)
    return credential


def _is_closed(row: WrongTries, now: datetime) -> bool:
    return row.closed_until is not None and now < row.closed_until


def _nobody(post: str, secret: str) -> str:
    digest = hmac.new(secret.encode(), post.encode(errors="replace"), hashlib.sha256).digest()
    return f"?{int.from_bytes(digest[:4]) % NAMES_OF_NOBODY:04d}"
