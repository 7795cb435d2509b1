"""Makes the web application of a service: the same shell around each."""

from typing import Any

from flask import Blueprint, Flask, Response, request
from flask_babel import Babel
from jinja2 import ChoiceLoader, FileSystemLoader
from sqlalchemy.exc import SQLAlchemyError

from shared import clock
from shared.errors import N_, Unavailable
from shared.identity.roles import Role, Viewer
from shared.runtime.service import Instance, MenuEntry
from shared.web import access, assets, body, cookies, correlation, errors, limits, names, oidc
from shared.web.account import account_pages
from shared.web.api_docs import docs_blueprint
from shared.web.compiled import CompiledTemplates
from shared.web.county import county_api
from shared.web.events import events_blueprint
from shared.web.headers import protect
from shared.web.health import health_blueprint
from shared.web.language import LANGUAGES, choose_language, choose_theme
from shared.web.ledger import ledger_blueprint
from shared.web.metrics import metrics_blueprint
from shared.web.oidc import oidc_pages
from shared.web.operation import operation_pages
from shared.web.parked import parked_api, parked_pages
from shared.web.parts import parts_pages, petition_url
from shared.web.posts import post_pages
from shared.web.request import SAFE, ServiceApp, close_session, current_instance
from shared.web.sign_in import sign_in_pages, sign_out_address
from shared.web.sign_in_api import introspection, sign_in_api

SERVICE_NAMES = {  # the order of a petition's way
    "intake": N_("Intake"),
    "assignment": N_("Cases in charge"),
    "supervision": N_("Supervision"),
    "notify": N_("Messages"),
    "reporting": N_("Reports"),
}


def create_app(instance: Instance, subscriptions: dict[str, set[str]]) -> Flask:
    """The WSGI application of a service. `subscriptions`: which events each peer may fetch."""
    service = instance.service
    app = ServiceApp(service.package, static_folder=None, template_folder=None)
    app.extensions["huajie"] = instance
    app.extensions["huajie-subscriptions"] = subscriptions
    app.config.update(_config(instance))
    cookies.install(app, instance)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    _templates(app, instance)
    Babel(app, locale_selector=choose_language)
    correlation.install(app)
    access.install(app)
    limits.install(app)
    body.install(app)
    oidc.install(app, instance)
    errors.install(app)
    app.teardown_request(close_session)
    app.after_request(_headers)
    app.context_processor(_page_context)
    api = errors.ServiceApi(app)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    shared_views: tuple[Blueprint, ...] = (
        health_blueprint(),
        metrics_blueprint(),
        events_blueprint(),
        ledger_blueprint(),
        docs_blueprint(),
        sign_in_pages(),
        sign_in_api(),
        introspection(),
        oidc_pages(),
        account_pages(),
        post_pages(),
        county_api(),
        operation_pages(),
        parked_pages(),
        parked_api(),
        parts_pages(),
    )
    for blueprint in (*shared_views, *service.blueprints()):
        if hasattr(blueprint, "register_views_in_doc"):
            api.register_blueprint(blueprint)
        else:
            app.register_blueprint(blueprint)
    app.wsgi_app = assets.serve(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _config(instance: Instance) -> dict[str, Any]:
    settings = instance.settings
    return {
        "SECRET_KEY": settings.secret_key,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "PERMANENT_SESSION_LIFETIME": 8 * 3600,
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "API_TITLE": f"Huajie {instance.service.name}",
        "API_VERSION": "1",
        "OPENAPI_VERSION": "3.1.0",
        "API_SPEC_OPTIONS": {"security": [{"bearer": []}]},
        "BABEL_DEFAULT_LOCALE": "zh",
        "BABEL_DEFAULT_TIMEZONE": str(clock.COUNTY_ZONE),
        "BABEL_DOMAIN": "huajie",
        "BABEL_TRANSLATION_DIRECTORIES": str(_here("translations")),
    }


def _here(name: str) -> Any:
    from pathlib import Path

    return Path(__file__).parent / name


def _templates(app: Flask, instance: Instance) -> None:
    own = instance.service.directory / "templates"
    app.jinja_loader = ChoiceLoader([FileSystemLoader(own), FileSystemLoader(_here("templates"))])
    app.jinja_env.bytecode_cache = CompiledTemplates()
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals |= {"asset": _asset, "here": _here_again, "petition_url": petition_url}
    names.install(app)


def _here_again() -> str:
    """The address that shows this page again; after a form that was sent, the start."""
    path = request.full_path.rstrip("?") if request.method in SAFE else "/"
    return request.script_root + path


def _asset(name: str) -> str:
    """The address of a file of ours or npm's, which changes with its content."""
    return f"{request.script_root}/static/{name}?v={assets.fingerprint(name)}"


def _page_context() -> dict[str, Any]:
    viewer = _viewer_if_known()
    instance = current_instance()
    return {
        "viewer": viewer,
        "service": instance.service,
        "service_names": SERVICE_NAMES,
        "menu": [entry for entry in _menu(instance) if viewer and viewer.role in entry.roles],
        "settings": instance.settings,
        "languages": LANGUAGES,
        "language": choose_language(),
        "translate": errors.translate,
        "theme": choose_theme(),
        "today": clock.today(),
        "sign_out_address": sign_out_address,
    }


def _viewer_if_known() -> Viewer | None:
    try:
        return access.viewer_or_none()
    except (SQLAlchemyError, Unavailable):  # the page that says so must not ask again
        return None


def _menu(instance: Instance) -> tuple[MenuEntry, ...]:
    operator = frozenset({Role.OPERATOR})
    operation = MenuEntry("operation.show", N_("Operation"), operator)
    parked = MenuEntry("parked.page", N_("Parked messages"), operator)
    posts = MenuEntry("posts.listing", N_("Posts and sign-in"), operator)
    return (*instance.service.menu, operation, parked, *((posts,) if instance.keeps_sign_in else ()))


def _headers(response: Response) -> Response:
    protect(response.headers, https=current_instance().settings.secure_cookies)
    if "Cache-Control" not in response.headers or "Content-Disposition" in response.headers:
        response.headers["Cache-Control"] = "no-store"  # Flask lets browsers keep files that it sends
    return response
