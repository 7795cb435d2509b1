"""The OpenAPI 3.1 document of a service and the page to browse it, without a CDN or inline script."""

import re
from copy import deepcopy
from importlib.resources import files
from typing import Any

from flask import Blueprint, current_app, jsonify, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue

from shared.identity.roles import Role
from shared.web.access import PUBLIC, public
from shared.web.request import current_instance

GUIDE = """
**Sign in** with `POST /api/tokens` (post and password) and send `Authorization: Bearer <token>`; the token is
good at every service of the installation for 8 hours. Each operation says which roles it is for.

**Errors** are `application/problem+json` (RFC 9457): `detail` says what to do, `errors` names the fields.
401: sign in. 403: not this role. 404: not there, or not yours to see. 409: somebody was quicker, or the step
does not fit the state. 422: mend what is named. 429: wait as `Retry-After` says. 503: try again in a minute.
`Accept-Language: zh` or `en`.

**Steps** take the `version` that was read of what they change and are answered with the new one.
**Lists**: give `next` back as `after` until it is null. **Times** are UTC, days are those of Asia/Shanghai.
**Codes** of townships, content classes, units and posts: `GET /api/county`.

What other services heard shows here a moment later.
"""


def docs_blueprint() -> Blueprint:
    blueprint = Blueprint("docs", __name__, url_prefix="/api")

    @blueprint.get("/openapi.json")
    @public
    def openapi() -> ResponseReturnValue:
        document = openapi_document(current_app)
        return jsonify(document | {"servers": [{"url": request.script_root or "/"}]})

    @blueprint.get("/")
    @public
    def browse() -> ResponseReturnValue:
        return render_template("api_docs.html", title=f"API {current_instance().service.name}")

    @blueprint.get("/assets/<path:name>")
    @public
    def assets(name: str) -> ResponseReturnValue:
        return send_from_directory(str(files("flask_swagger_ui") / "dist"), name)

    return blueprint


def openapi_document(app: Any) -> dict[str, Any]:
    """The OpenAPI document of an application."""
    api = app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    document: dict[str, Any] = deepcopy(api.described())
    document["info"]["description"] = GUIDE.strip()
    document["components"]["schemas"].pop(
        "PaginationMetadata", None
    )  # flask-smorest's; lists here have `next`
    for rule in app.url_map.iter_rules():
        path = document["paths"].get(re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule), {})
        for method in rule.methods:
            if method.lower() in path:
                _say_who_may(path[method.lower()], app.view_functions[rule.endpoint].access)
    return document


def _say_who_may(operation: dict[str, Any], roles: frozenset[Role]) -> None:
    named = [role.value for role in Role if role in roles]
    if roles == PUBLIC:
        operation["security"] = []
        who = "For anyone, without signing in."
    else:
        who = "For every role." if len(named) == len(Role) else f"For the roles: {', '.join(named)}."
    operation["x-roles"] = named
    operation["description"] = "\n\n".join(filter(None, [operation.get("description"), who]))
