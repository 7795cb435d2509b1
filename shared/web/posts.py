"""The operator's list of posts: who never signed in, who is closed after wrong tries, who is signed in.

It opens a post again and ends its sessions; a new password is given on the command line (`huajie password`).
"""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.errors import NotFound
from shared.identity.accounts import Account
from shared.identity.credentials import Credential, closed_posts, unlock
from shared.identity.roles import Role
from shared.identity.sessions import end_sessions, sessions_of
from shared.web.access import access
from shared.web.errors import HTTP_TEXTS
from shared.web.request import current_instance, current_session
from shared.web.sign_in import sign_in_address


@dataclass(frozen=True)
class PostState:
    """How a post stands with signing in."""

    post: str
    role: str
    signed_in_at: datetime | None  # last
    is_disabled: bool
    has_password: bool
    asks_for_code: bool
    closed_until: datetime | None
    sessions: int


def post_pages() -> Blueprint:
    blueprint = Blueprint("posts", __name__, url_prefix="/ops")

    @blueprint.get("/posts")
    @access(Role.OPERATOR)
    def listing() -> ResponseReturnValue:
        if not current_instance().keeps_sign_in:
            return redirect(sign_in_address("/ops/posts"))
        return render_template(
            "posts.html", title=_("Posts and sign-in"), posts=post_states(current_session())
        )

    @blueprint.post("/posts")
    @access(Role.OPERATOR)
    def act() -> ResponseReturnValue:
        session, post = current_session(), request.form.get("post", "")
        if session.get(Account, post[:64]) is None:
            raise NotFound(HTTP_TEXTS[404])
        if request.form.get("action") == "unlock":
            unlock(session, post)
            flash(_("The post may try again now."))
        else:
            end_sessions(session, post)
            flash(_("Its sessions are over; at the other services within a minute."))
        return redirect(url_for("posts.listing"), 303)

    return blueprint


def post_states(session: Session) -> list[PostState]:
    """All posts, those that need the operator first."""
    closed, open_ = closed_posts(session), sessions_of(session)
    credentials = {each.post: each for each in session.scalars(select(Credential))}
    found = []
    for account in session.scalars(select(Account).order_by(Account.post)):
        credential = credentials.get(account.post)
        found.append(
            PostState(
                post=account.post,
                role=account.role,
                signed_in_at=credential.signed_in_at if credential else None,
                is_disabled=account.disabled_at is not None,
                has_password=credential is not None and credential.password_hash is not None,
                asks_for_code=credential is not None and credential.asks_for_code,
                closed_until=closed.get(account.post),
                sessions=sum(each.post == account.post for each in open_),
            )
        )
    return sorted(found, key=lambda each: (each.closed_until is None, each.post))
