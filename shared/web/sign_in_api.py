"""Sign-in of programs, and what the other services ask about a token (RFC 7662)."""

from typing import Any

from flask import Blueprint, request
from flask_smorest import Blueprint as ApiBlueprint
from marshmallow import Schema, fields
from marshmallow.validate import Length

from shared.errors import N_, Forbidden, Problem, SignInNeeded
from shared.identity.roles import Role, Viewer
from shared.identity.sessions import LASTS, How, end_session, find_session, token_hash
from shared.identity.signing_in import Step, enter, steps_left, try_code, try_password
from shared.web.access import (
    current_peer,
    current_token,
    current_viewer,
    everyone_signed_in,
    peers_only,
    public,
    sessions_here,
)
from shared.web.request import current_instance

WRONG = N_(
    "Post and password or code do not fit, or too many tries went wrong. Check them and wait a little: "
    "after many wrong tries a post stays closed for 15 minutes, which the operator can shorten."
)
CODE_NEEDED = N_("Give the code that your app shows, or a recovery code.")


class Credentials(Schema):
    post = fields.String(required=True, validate=Length(1, 64), metadata={"description": "Code of the post"})
    password = fields.String(required=True, validate=Length(1, 200))
    code = fields.String(
        validate=Length(1, 40), metadata={"description": "One-time code, where the post has turned them on"}
    )


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
        """Sign in and get a bearer token, which is good at all services."""
        _need_sign_in_here()
        token = _token_for(credentials["post"], credentials["password"], credentials.get("code"))
        return {"token": token, "expires_in": int(LASTS.total_seconds())}

    @blueprint.delete("/tokens")
    @blueprint.response(204)
    @everyone_signed_in
    def end() -> None:
        """End the token that is sent with it."""
        _need_sign_in_here()
        with current_instance().db.write() as session:
            end_session(session, token_hash(current_token()))

    @blueprint.get("/me")
    @blueprint.response(200, Me)
    @everyone_signed_in
    def me() -> Viewer:
        """Who is signed in."""
        return current_viewer()

    return blueprint


def _token_for(post: str, password: str, code: str | None) -> str:
    instance = current_instance()
    db, key = instance.db, instance.settings.secret_key
    if not try_password(db, key, post, password):
        raise SignInNeeded(WRONG)
    step = steps_left(db, post)
    if step is Step.CODE:
        if not code:
            raise SignInNeeded(CODE_NEEDED, field="code")
        if not try_code(db, key, post, code):
            raise SignInNeeded(WRONG)
        step = steps_left(db, post, code_shown=True)
    if step is Step.NEW_PASSWORD:
        raise Forbidden(
            N_("Somebody else chose this password. Sign in at %(address)s first and choose one of your own."),
            address=f"{instance.settings.address_of(instance.service.name)}/sign-in",
        )
    return enter(db, post, How.TOKEN)[0]


def introspection() -> Blueprint:
    """What the other services of this installation ask: whose a token is (RFC 7662, `ends_at` for `exp`)."""
    blueprint = Blueprint("introspection", __name__)

    @blueprint.post("/api/introspection")
    @peers_only
    def answer() -> dict[str, Any]:
        instance, token = current_instance(), request.form.get("token", "")
        _need_sign_in_here()
        _need_own_peer(current_peer())
        hash_ = token_hash(token)
        with instance.db.read() as session:
            found = find_session(session, hash_) if hash_ else None
        if found is None or sessions_here().viewer(token) is None:
            return {"active": False}
        return {"active": True, "username": found.post, "ends_at": found.ends_at.isoformat()}

    return blueprint


def _need_own_peer(peer: str) -> None:
    if not peer.startswith(f"/{current_instance().settings.agency}/"):
        raise Forbidden(N_("Only the services of this installation may ask whose a token is."))


def _need_sign_in_here() -> None:
    """Raises Problem that says where to sign in."""
    instance = current_instance()
    if not instance.keeps_sign_in:
        at = instance.settings.sign_in_at
        problem = Problem(
            N_("Sign in at %(address)s: its token is good here too."),
            address=f"{instance.settings.nav_links.get(at, at)}/api/tokens",
        )
        problem.status, problem.kind, problem.title = 421, "sign-in-elsewhere", N_("Not at this service")
        raise problem
