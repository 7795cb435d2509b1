"""The OpenAPI 3.1 document of a service and the page to browse it, without a CDN or inline script."""

from importlib.resources import files
from typing import Any

from flask import Blueprint, current_app, jsonify, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue

from shared.web.access import public
from shared.web.request import current_instance


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
    document: dict[str, Any] = api.spec.to_dict()
    return document
