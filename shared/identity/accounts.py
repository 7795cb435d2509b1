"""What a post may do: one account per post, in the database of each service that has pages or an API.

Passwords and sessions are kept by the sign-in service alone; see credentials.py and sessions.py.
"""

from datetime import datetime

from sqlalchemy import String, bindparam, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared import clock
from shared.county import County
from shared.db.base import SharedBase
from shared.identity.credentials import Credential, WrongTries
from shared.identity.roles import Role, Viewer
from shared.identity.sessions import OpenSession


class Account(SharedBase):
    """A post that the county has, or had."""

    __tablename__ = "account"
    __table_args__ = {"info": {"ledger": True}}

    post: Mapped[str] = mapped_column(String(64), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    unit: Mapped[str] = mapped_column(String(64))
    disabled_at: Mapped[datetime | None]


def viewer_of(session: Session, post: str) -> Viewer | None:
    """The viewer of a post, or None where the county does not have it any more."""
    return _viewer(session.get(Account, post))


# Put together once: every request asks.
_HOLDER = (
    select(OpenSession, Account)
    .join(Account, Account.post == OpenSession.post)
    .where(OpenSession.token_hash == bindparam("hash"))
)


def holder_of(session: Session, hash_: str) -> tuple[Viewer, OpenSession] | None:
    """Who holds a token, by its hash, and the session: in one look, since every request asks.

    None where the session has ended or the county does not have the post any more.
    """
    found = session.execute(_HOLDER, {"hash": hash_}).one_or_none()
    if found is None or found.OpenSession.is_over:
        return None
    viewer = _viewer(found.Account)
    return (viewer, found.OpenSession) if viewer else None


def _viewer(account: Account | None) -> Viewer | None:
    if account is None or account.disabled_at is not None:
        return None
    return Viewer(account.post, Role(account.role), account.unit)


def load_posts(session: Session, county: County) -> None:
    """Make an account for each post of the county.

    A post that the county no longer has is disabled, and its password and sessions are gone: should it come
    back, it is let in with a new password.
    """
    posts = [post.code for post in county.posts]
    gone = update(Account).where(Account.post.not_in(posts), Account.disabled_at.is_(None))
    session.execute(gone.values(disabled_at=clock.now()))
    for table in (Credential, OpenSession):
        session.execute(delete(table).where(table.post.not_in(posts)))
    session.execute(delete(WrongTries).where(WrongTries.of.not_in(posts), WrongTries.of.not_like("?%")))
    for post in county.posts:
        account = session.get(Account, post.code)
        if account is None:
            account = Account(post=post.code)
            session.add(account)
        account.role, account.unit, account.disabled_at = post.role, post.unit, None
    session.flush()
