"""Signing in at the county's own identity provider (OpenID Connect): authorization code, PKCE, state, nonce.

The provider says who it is, by a claim that names the post; the county's list says what the post may do.
Authlib does the protocol; what it leaves to its user is checked here: issuer, audience, algorithms.
"""

import logging
from typing import Any, cast

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, current_app, redirect, request, session
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError

from shared.errors import N_, Forbidden, NotFound, SignInNeeded, Unavailable
from shared.identity.accounts import viewer_of
from shared.identity.sessions import How
from shared.runtime.service import Instance
from shared.web.access import public
from shared.web.errors import HTTP_TEXTS
from shared.web.forms import Form
from shared.web.request import current_instance
from shared.web.sign_in import enter_browser, local_path, sign_in_page

log = logging.getLogger(__name__)
SECONDS = 10.0
# Signatures with a public key only: with "none" or a shared secret anybody could be the provider.
ALGORITHMS = frozenset(
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
)
AWAY = N_(
    "The identity provider does not answer now. Try again in a minute, or sign in with a password if you "
    "have one."
)
FAILED = N_("Signing in at the identity provider did not succeed. Begin anew here.")
NO_POST = N_("The identity provider knows you, but names no post of this county. Tell the operator.")
_NEXT = "oidc-next"


def install(app: Flask, instance: Instance) -> None:
    """Know the identity provider, at the sign-in service and where one is set."""
    settings = instance.settings
    if not (settings.oidc_issuer and instance.keeps_sign_in):
        return
    logging.getLogger("authlib").setLevel(logging.INFO)  # at DEBUG it writes the PKCE verifier down
    app.extensions["huajie-oidc"] = OAuth(app).register(
        "oidc",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile",
            "code_challenge_method": "S256",
            "default_timeout": SECONDS,
            "verify": str(settings.tls_ca_file) if settings.tls_ca_file else True,
        },
    )


def oidc_pages() -> Blueprint:
    blueprint = Blueprint("oidc", __name__)

    @blueprint.get("/sign-in/provider")
    @public
    def begin() -> ResponseReturnValue:
        client = _client()
        try:
            answer = client.authorize_redirect(f"{_own_address()}/sign-in/provider/answer")
        except (requests.RequestException, ValueError, RuntimeError) as error:
            raise _away(error) from error
        session[_NEXT] = local_path(request.args.get("next"))
        return cast(ResponseReturnValue, answer)

    @blueprint.get("/sign-in/provider/answer")
    @public
    def answer() -> ResponseReturnValue:
        client, target = _client(), session.pop(_NEXT, None)
        try:
            post = _vouched_post(client)
        except SignInNeeded as problem:
            return sign_in_page(target, Form(problem=problem)), problem.status
        with current_instance().db.read() as reading:
            if viewer_of(reading, post) is None:
                raise Forbidden(NO_POST)
        return enter_browser(post, How.OIDC, target)

    @blueprint.get("/sign-out/provider")
    @public
    def leave() -> ResponseReturnValue:
        client, back = _client(), f"{_own_address()}/sign-in"
        try:
            if not client.load_server_metadata().get("end_session_endpoint"):
                return redirect(back)
            answer = client.logout_redirect(post_logout_redirect_uri=back, client_id=client.client_id)
        except (requests.RequestException, ValueError) as error:
            raise _away(error) from error
        return cast(ResponseReturnValue, answer)

    return blueprint


def _vouched_post(client: Any) -> str:
    """The post that the provider's answer names. Raises SignInNeeded, or Unavailable where it is away."""
    settings = current_instance().settings
    try:
        metadata = client.load_server_metadata()
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [a for a in offered if a in ALGORITHMS]
        only = {
            "iss": {"essential": True, "value": settings.oidc_issuer},
            "aud": {"essential": True, "value": settings.oidc_client_id},
        }
        token = client.authorize_access_token(claims_options=only)
        claims = token["userinfo"]  # of the checked ID token
        if settings.oidc_post_claim not in claims:
            more = client.userinfo(token=token)
            claims = more if more.get("sub") == claims["sub"] else {}
        return str(claims[settings.oidc_post_claim])
    except requests.RequestException as error:
        raise _away(error) from error
    except (AuthlibBaseError, JoseError, LookupError, TypeError, ValueError, RuntimeError) as error:
        log.warning("sign-in at the identity provider failed", extra={"error": type(error).__name__})
        raise SignInNeeded(FAILED) from error


def _client() -> Any:
    client = current_app.extensions.get("huajie-oidc")
    if client is None:
        raise NotFound(HTTP_TEXTS[404])
    return client


def _own_address() -> str:
    instance = current_instance()
    return instance.settings.address_of(instance.service.name)


def _away(error: Exception) -> Unavailable:
    log.error("identity provider not reachable", extra={"error": type(error).__name__})
    return Unavailable(AWAY)
