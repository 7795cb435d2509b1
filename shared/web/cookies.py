"""The cookies: `huajie` says who is signed in, at all services; each service has one of its own beside it.

The own one (CSRF token, portal visit, messages) is good at that service alone: by its name, by its path and
by what signs it. Language and theme hold at all services, and need no protection.
"""

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface

from shared.runtime.service import Instance
from shared.runtime.settings import Settings

CHOICE_LASTS = 365 * 24 * 3600


class OwnCookie(SecureCookieSessionInterface):
    """Flask's session, at the addresses of this service only."""

    def __init__(self, service: str) -> None:
        self.salt = f"huajie-{service}"

    def get_cookie_path(self, _app: Flask) -> str:
        return request.script_root or "/"


def install(app: Flask, instance: Instance) -> None:
    """Give an application its own cookie."""
    app.session_interface = OwnCookie(instance.service.name)
    prefix = "__Secure-" if instance.settings.secure_cookies else ""
    app.config["SESSION_COOKIE_NAME"] = f"{prefix}huajie-{instance.service.name}"


def session_cookie(settings: Settings) -> str:
    """The name of the cookie that holds the token of a session."""
    return _name(settings, "huajie")


def keep_token(settings: Settings, response: Response, token: str) -> None:
    """Give a browser the token of its session, until it is closed or the session is over."""
    response.set_cookie(
        session_cookie(settings),
        token,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=settings.secure_cookies,
    )


def drop_token(settings: Settings, response: Response) -> None:
    """Take the token from a browser."""
    response.delete_cookie(
        session_cookie(settings), path="/", httponly=True, samesite="Lax", secure=settings.secure_cookies
    )


def chosen(settings: Settings, what: str) -> str | None:
    """What a reader chose: `language` or `theme`."""
    return request.cookies.get(_name(settings, f"huajie-{what}"))


def keep_choice(settings: Settings, response: Response, what: str, value: str) -> None:
    """Keep what a reader chose, at all services."""
    response.set_cookie(
        _name(settings, f"huajie-{what}"),
        value,
        path="/",
        max_age=CHOICE_LASTS,
        httponly=True,
        samesite="Lax",
        secure=settings.secure_cookies,
    )


def _name(settings: Settings, name: str) -> str:
    # __Host-: no subdomain and no plain connection can set it.
    return f"__Host-{name}" if settings.secure_cookies else name
