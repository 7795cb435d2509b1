"""Plain local sign-in: a page with a cookie for people, a token for programs."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint as ApiBlueprint
from marshmallow import Schema, fields
from marshmallow.validate import Length

from shared.errors import N_, SignInNeeded
from shared.identity.accounts import sign_in
from shared.identity.roles import Role, Viewer
from shared.identity.tokens import TOKEN_SECONDS, make_token
from shared.web.access import current_viewer, everyone_signed_in, public
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
        return render_template("sign_in.html", next=_local(request.args.get("next")))

    @blueprint.post("/sign-in")
    @public
    def enter() -> ResponseReturnValue:
        post = request.form.get("post", "").strip()[:64]
        try:
            viewer = _checked(post, request.form.get("password", "")[:200])
        except SignInNeeded as problem:
            page = render_template(
                "sign_in.html", problem=problem, post=post, next=_local(request.form.get("next"))
            )
            return page, 401
        language = session.get("language")
        session.clear()
        session.permanent = True
        session["post"] = viewer.post
        if language:
            session["language"] = language
        return redirect(_local(request.form.get("next")) or _home(), 303)

    @blueprint.post("/sign-out")
    @public
    def leave() -> ResponseReturnValue:
        session.clear()
        return redirect(url_for("session.form"), 303)

    @blueprint.post("/language")
    @public
    def language() -> ResponseReturnValue:
        session["language"] = "en" if request.form.get("language") == "en" else "zh"
        return redirect(_local(request.form.get("next")) or _home(), 303)

    return blueprint


def _checked(post: str, password: str) -> Viewer:
    viewer = sign_in(current_session(), post, password)
    if viewer is None:
        raise SignInNeeded(WRONG)
    return viewer


def _home() -> str:
    return (request.script_root or "") + "/"


def _local(target: str | None) -> str | None:
    # Only a path of this host: `//elsewhere` and `/\elsewhere` would lead away.
    if target and target.startswith("/") and not target.startswith(("//", "/\\")):
        return target
    return None
