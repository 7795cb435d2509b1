"""The worker's own small web server, for Prometheus and for whoever must know whether the worker lives."""

import logging
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from shared.errors import SettingError
from shared.runtime.service import Instance
from shared.watching.figures import exposition
from shared.watching.permission import may_read

log = logging.getLogger(__name__)
TEXT = "text/plain; version=0.0.4; charset=utf-8"


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Write no address of anyone down."""


def open_port(instance: Instance, host: str, port: int, is_well: Callable[[], bool]) -> int:
    """Answer `/metrics` and `/health/live` on a port until the process ends; gives the port (of 0: any).

    Raises SettingError where the port is taken.
    """

    def app(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        status, body, kind = HTTPStatus.NOT_FOUND, b"not found\n", TEXT
        if environ["PATH_INFO"] == "/health/live":
            status = HTTPStatus.OK if is_well() else HTTPStatus.SERVICE_UNAVAILABLE
            body = b"ok\n" if is_well() else b"stuck\n"
        elif environ["PATH_INFO"] == "/metrics" and may_read(
            instance.settings, environ.get("HTTP_AUTHORIZATION", "")
        ):
            status, body = HTTPStatus.OK, exposition(instance)
        start(f"{status.value} {status.phrase}", [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    try:
        server = make_server(host, port, app, handler_class=_Silent)
    except OSError as error:
        raise SettingError(
            f"METRICS_PORT {port} is taken or not allowed: stop what listens there, or choose another"
        ) from error
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return int(server.server_port)
