"""Plain local sign-in: a page with a cookie for people, a token for programs."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint as ApiBlueprint
from marshmallow import Schema, fields
from marshmallow.validate import Length

from shared.errors import N_, SignInNeeded
from shared.identity.accounts import sign_in
from shared.identity.roles import Role, Viewer
from shared.identity.tokens import TOKEN_SECONDS, make_token
from shared.web.access import current_viewer, everyone_signed_in, public
from shared.web.forms import Form
from shared.web.language import THEMES
from shared.web.parts import portal_url
from shared.web.request import current_instance, current_session

WRONG = N_("Post and password do not fit. Check both; a post that is not in use cannot sign in either.")


class Credentials(Schema):
    post = fields.String(required=True, validate=Length(1, 64), metadata={"description": "Code of the post"})
    password = fields.String(required=True, validate=Length(1, 200))


class Token(Schema):
    token = fields.String(metadata={"description": "Send it as Authorization: Bearer <token>"})
    expires_in = fields.Integer(metadata={"description": "Seconds"})


class Me(Schema):
    post = fields.String()
    role = fields.Enum(Role, by_value=True)
    unit = fields.String()


def sign_in_api() -> ApiBlueprint:
    blueprint = ApiBlueprint("session_api", __name__, url_prefix="/api", description="Sign-in")

    @blueprint.post("/tokens")
    @blueprint.arguments(Credentials)
    @blueprint.response(200, Token)
    @public
    def make(credentials: dict[str, str]) -> dict[str, object]:
        """Sign in and get a bearer token."""
        viewer = _checked(credentials["post"], credentials["password"])
        secret = current_instance().settings.secret_key
        return {"token": make_token(secret, viewer.post), "expires_in": TOKEN_SECONDS}

    @blueprint.get("/me")
    @blueprint.response(200, Me)
    @everyone_signed_in
    def me() -> Viewer:
        """Who is signed in."""
        return current_viewer()

    return blueprint


def sign_in_pages() -> Blueprint:
    blueprint = Blueprint("session", __name__)

    @blueprint.get("/sign-in")
    @public
    def form() -> ResponseReturnValue:
        return sign_in_page(local_path(request.args.get("next")))

    @blueprint.post("/sign-in")
    @public
    def enter() -> ResponseReturnValue:
        post = request.form.get("post", "").strip()[:64]
        try:
            viewer = _checked(post, request.form.get("password", "")[:200])
        except SignInNeeded as problem:
            form = Form(values={"post": post}, problem=problem)
            return sign_in_page(local_path(request.form.get("next")), form, _carried()), 401
        chosen = {name: session[name] for name in ("language", "theme") if name in session}
        session.clear()
        session.permanent = True
        session.update(chosen, post=viewer.post)
        target = local_path(request.form.get("next")) or _home()
        if carried := _carried():
            g.viewer = viewer
            return resume_page(target, carried)
        return redirect(target, 303)

    @blueprint.post("/sign-out")
    @public
    def leave() -> ResponseReturnValue:
        session.clear()
        return redirect(url_for("session.form"), 303)

    @blueprint.post("/language")
    @public
    def language() -> ResponseReturnValue:
        session["language"] = "en" if request.form.get("language") == "en" else "zh"
        return redirect(local_path(request.form.get("next")) or _home(), 303)

    @blueprint.post("/theme")
    @public
    def theme() -> ResponseReturnValue:
        chosen = request.form.get("theme", "")
        session["theme"] = chosen if chosen in THEMES else "auto"
        return redirect(local_path(request.form.get("next")) or _home(), 303)

    return blueprint


def sign_in_page(
    target: str | None, form: Form | None = None, carried: Sequence[tuple[str, str]] = ()
) -> str:
    """The sign-in form. `carried`: fields of a form that came after the session was over."""
    return render_template("sign_in.html", next=target, form=form, carried=carried, portal=portal_url())


def resume_page(target: str, carried: Sequence[tuple[str, str]]) -> str:
    """Offers to send again what a form held whose session was over."""
    return render_template("resume.html", next=target, carried=carried)


def typed_fields() -> list[tuple[str, str]]:
    """What a form of our own page holds; nothing where it came from another site."""
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    if urlsplit(origin).netloc != request.host:
        return []
    return [(k, v) for k, v in request.form.items(multi=True) if k not in ("csrf_token", "password")]


def local_path(target: str | None) -> str | None:
    """A path of this host, or None: `//elsewhere` and `/\\elsewhere` would lead away."""
    if target and target.startswith("/") and not target.startswith(("//", "/\\")):
        return target
    return None


def _carried() -> list[tuple[str, str]]:
    prefix = "carried."
    return [(k[len(prefix) :], v) for k, v in request.form.items(multi=True) if k.startswith(prefix)]


def _checked(post: str, password: str) -> Viewer:
    viewer = sign_in(current_session(), post, password)
    if viewer is None:
        raise SignInNeeded(WRONG)
    return viewer


def _home() -> str:
    return (request.script_root or "") + "/"
