"""Says whether this service lives and whether it can serve; how much waits is told to `/metrics` alone."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from shared.db.migrate import is_behind
from shared.web.access import public
from shared.web.request import current_instance


def health_blueprint() -> Blueprint:
    blueprint = Blueprint("health", __name__, url_prefix="/health")

    @blueprint.get("/live")
    @public
    def live() -> ResponseReturnValue:
        return jsonify(service=current_instance().service.name, status="ok")

    @blueprint.get("/ready")
    @public
    def ready() -> ResponseReturnValue:
        """Needs the database, migrated; not the bus: pages and API go on without it."""
        status = why_not_ready()
        return jsonify(service=current_instance().service.name, status=status or "ok"), 503 if status else 200

    return blueprint


def why_not_ready() -> str | None:
    """`database` where it does not answer, `migrations` where it is older than the code, else None."""
    instance = current_instance()
    try:
        return "migrations" if is_behind(instance.service, instance.db) else None
    except SQLAlchemyError:
        return "database"
