"""Guards every route: a view says which roles may call it, and what says nothing is closed.

One person is signed in by cookie (pages) or bearer token (API); a form or a cookie needs its CSRF token.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, current_app, g, request, session
from flask_wtf.csrf import CSRFProtect

from shared.errors import N_, Forbidden, SignInNeeded, Unavailable
from shared.identity.roles import EVERY_ROLE, Role, Viewer
from shared.identity.scopes import Scope
from shared.identity.sessions import token_hash
from shared.identity.tokens import read_peer_token
from shared.ledger.acting import PUBLIC as PUBLIC_ACTOR
from shared.ledger.acting import act_as
from shared.web.cookies import session_cookie
from shared.web.request import current_instance
from shared.web.signed_in import SignedIn

F = TypeVar("F", bound=Callable[..., Any])
SAFE = {"GET", "HEAD", "OPTIONS"}
FORMS = {"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}
PUBLIC: frozenset[Role] = frozenset()
PEERS = "peers"
SERVICES_OWN = "service's own"

csrf = CSRFProtect()


def access(*roles: Role) -> Callable[[F], F]:
    """Let these roles call a view. Put it nearest to the function."""
    return _mark("access", frozenset(roles))


def everyone_signed_in(view: F) -> F:
    """Let every role call a view."""
    return _mark("access", EVERY_ROLE)(view)


def public(view: F) -> F:
    """Let anyone call a view, without signing in."""
    return _mark("access", PUBLIC)(view)


def peers_only(view: F) -> F:
    """Let other services call a view, each with its signed token; see `current_peer`."""
    return _mark("access", PEERS)(view)


def without_token(view: F) -> F:
    """Ask for no CSRF token: what gives the right (a query code) is in the body, and no cookie counts."""
    return _mark("without_token", True)(view)


def within(scope: Scope) -> Callable[[F], F]:
    """Say which matters a view is about: its queries give each role those of `scope`, and to all others
    answer as if there were none (404). What says nothing is about no matter."""
    return _mark("scope", scope)


def within_service(view: F) -> F:
    """The same, for a view that stands at every service: each names its own (`Service.scope`)."""
    return _mark("scope", SERVICES_OWN)(view)


def takes_upload(view: F) -> F:
    """Let the body of this request be as large as an upload may be (MAX_UPLOAD_MB)."""
    return _mark("takes_upload", True)(view)


def _mark(name: str, value: object) -> Callable[[F], F]:
    def mark(view: F) -> F:
        setattr(view, name, value)
        return view

    return mark


def current_viewer() -> Viewer:
    """Who is signed in. Raises SignInNeeded."""
    viewer = viewer_or_none()
    if viewer is None:
        raise SignInNeeded(N_("Sign in to go on."))
    return viewer


def current_peer() -> str:
    """Which service asks (`/<agency>/<service>`), in a view for peers."""
    return cast(str, g.peer)


def viewer_or_none() -> Viewer | None:
    """Who is signed in, if anyone."""
    if "viewer" not in g:
        try:
            g.viewer = _find_viewer()
        except Unavailable:
            g.viewer = None  # the page that says so must not ask again
            raise
        if g.viewer is not None:
            act_as(g.viewer.post, request.endpoint or "")
    return cast(Viewer | None, g.viewer)


def current_token() -> str:
    """The token of the session that asks, from the header or the cookie; blank without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    g.by_cookie = scheme.lower() != "bearer"
    return (
        request.cookies.get(session_cookie(current_instance().settings), "") if g.by_cookie else token.strip()
    )


def sessions_here() -> SignedIn:
    """The sessions as this process knows them."""
    return cast(SignedIn, current_app.extensions["huajie-signed-in"])


def bind_cookie(token: str) -> None:
    """Bind this service's own cookie to a session; what it held for another, CSRF token too, is gone."""
    of = (token_hash(token) or "")[:16]
    if session.get("of") != of:
        session.clear()
        session["of"] = of


def _find_viewer() -> Viewer | None:
    token = current_token()
    if not token:
        return None
    viewer = sessions_here().viewer(token)
    if viewer is not None and g.by_cookie:
        bind_cookie(token)
    return viewer


def _find_peer() -> str:
    instance = current_instance()
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    with instance.db.write() as session:  # of its own: a token stays used, whatever becomes of the request
        peer = read_peer_token(session, instance.keys, token)
    if peer is None:
        raise SignInNeeded(N_("This address is for the other services, each with its token."))
    return peer


def install(app: Flask) -> None:
    """Put the guard before every request of an application."""
    app.extensions["huajie-signed-in"] = SignedIn(app.extensions["huajie"])
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # bound to the session, which ends by itself
    csrf.init_app(app)
    app.before_request(_guard)


def _guard() -> None:
    act_as(PUBLIC_ACTOR, request.endpoint or "")
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or request.routing_exception is not None:
        return  # Flask answers 404 or 405
    if getattr(view, "takes_upload", False):
        request.max_content_length = current_instance().settings.max_upload_bytes
    roles = getattr(view, "access", None)
    if roles is None:
        raise Forbidden(N_("This address is closed: it names no role that may use it. Tell the operator."))
    if roles == PEERS:
        g.peer = _find_peer()
        act_as(g.peer, request.endpoint or "")
        return
    if roles != PUBLIC and current_viewer().role not in roles:
        raise Forbidden(N_("Sign in with a post whose role includes this step."))
    if not getattr(view, "without_token", False):
        _check_csrf()


def _check_csrf() -> None:
    if request.method in SAFE:
        return
    signed_in_by_cookie = viewer_or_none() is not None and g.by_cookie
    by_bearer = viewer_or_none() is not None and not g.by_cookie
    if signed_in_by_cookie or (request.mimetype in FORMS and not by_bearer):
        csrf.protect()
