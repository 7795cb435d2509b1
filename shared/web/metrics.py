"""`GET /metrics` of a service's web process, for Prometheus; closed until METRICS_TOKEN is set."""

from flask import Blueprint, Response, request

from shared.errors import N_, NotFound
from shared.watching.figures import exposition
from shared.watching.permission import may_read
from shared.watching.port import TEXT
from shared.web.access import public
from shared.web.request import current_instance


def metrics_blueprint() -> Blueprint:
    blueprint = Blueprint("metrics", __name__)

    @blueprint.get("/metrics")
    @public  # not by a post's sign-in: by a token of its own, which is asked for here
    def show() -> Response:
        if not may_read(current_instance().settings, request.headers.get("Authorization", "")):
            raise NotFound(N_("There is nothing at this address that you may see. Check the address."))
        return Response(exposition(current_instance()), content_type=TEXT)

    return blueprint
