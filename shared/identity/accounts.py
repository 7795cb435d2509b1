"""Local sign-in: one account per post, in the database of each service that has pages or an API."""

from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import String, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared import clock
from shared.county import County
from shared.db.base import SharedBase
from shared.identity.roles import Role, Viewer

_HASHER = PasswordHasher()
# Checked when the post does not exist, so that an answer takes as long either way.
_NOBODY = _HASHER.hash("nobody")


class Account(SharedBase):
    """A post that may sign in; without a password hash it may not."""

    __tablename__ = "account"

    post: Mapped[str] = mapped_column(String(64), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    unit: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    disabled_at: Mapped[datetime | None]


def sign_in(session: Session, post: str, password: str) -> Viewer | None:
    """The viewer, or None: a wrong password, no such post and a disabled one are answered alike."""
    account = session.get(Account, post)
    usable = account is not None and account.disabled_at is None and account.password_hash is not None
    try:
        _HASHER.verify(
            account.password_hash if usable and account and account.password_hash else _NOBODY, password
        )
    except VerificationError:
        return None
    return _viewer(account) if usable and account else None


def viewer_of(session: Session, post: str) -> Viewer | None:
    """The viewer of a post that signed in before, or None where it has been disabled since."""
    account = session.get(Account, post)
    return _viewer(account) if account and account.disabled_at is None else None


def load_posts(session: Session, county: County, demo_password: str | None) -> None:
    """Make an account for each post of the county; existing ones keep their passwords.

    A post that the county no longer has is disabled, with its tokens; `set_password` lets one in again.
    """
    posts = [post.code for post in county.posts]
    gone = update(Account).where(Account.post.not_in(posts), Account.disabled_at.is_(None))
    session.execute(gone.values(disabled_at=clock.now()))
    demo_hash = _HASHER.hash(demo_password) if demo_password else None
    for post in county.posts:
        account = session.get(Account, post.code)
        if account is None:
            account = Account(post=post.code, password_hash=demo_hash)
            session.add(account)
        account.role, account.unit = post.role, post.unit


def set_password(session: Session, post: str, password: str) -> bool:
    """Set the password of a post, which may sign in from then on; False where there is no such post."""
    account = session.get(Account, post)
    if account is None:
        return False
    account.password_hash, account.disabled_at = _HASHER.hash(password), None
    return True


def _viewer(account: Account) -> Viewer:
    return Viewer(account.post, Role(account.role), account.unit)
