"""Runs web applications under gunicorn: one service, or all five in one process."""

import logging
import socket
import time
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.http import wsgi

from shared.errors import SettingError
from shared.runtime.tls import Tls

log = logging.getLogger(__name__)
wsgi.SERVER = "huajie"  # type: ignore[attr-defined] # what serves is nobody's business; no setting for it


class _Gunicorn(BaseApplication):
    def __init__(self, make_app: Callable[[], Any], options: dict[str, Any]) -> None:
        self._make_app = make_app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for key, value in self._options.items():
            self.cfg.set(key, value)

    def load(self) -> Any:
        return self._make_app()  # in the worker, after the fork: nothing with a socket is shared


def check_port(host: str, port: int, patience: float = 2.0) -> None:
    """Raises SettingError where another listens; `patience`: the seconds that one who is leaving gets.

    Without it, a second `huajie web` would share the port of the first, and each get half of the requests.
    """
    until = time.monotonic() + patience
    while True:
        try:
            with socket.create_server((host, port)):
                return
        except OSError as error:
            if time.monotonic() > until:
                other = port + 1 if 1023 < port < 65535 else 8000
                raise SettingError(
                    f"port {port} is taken or not allowed. Stop what listens there, "
                    f"or choose another: PORT={other}"
                ) from error
        time.sleep(0.1)


def serve(
    make_app: Callable[[], Any],
    *,
    host: str,
    port: int,
    workers: int = 1,
    threads: int = 8,
    tls: Tls | None = None,
    **hooks: Callable[..., None],
) -> None:
    """Serve until a signal comes: over TLS alone where a certificate is given. `hooks` are gunicorn's."""
    options: dict[str, Any] = {
        "bind": f"{host}:{port}",
        "workers": workers,
        "threads": threads,
        "worker_class": "gthread",
        "loglevel": "error",
        "accesslog": None,  # no address of anyone is written down
        "timeout": 120,
        "graceful_timeout": 20,
        "proc_name": "huajie",
        "reuse_port": workers > 1,  # else one worker may take every kept-alive connection
        **(tls.gunicorn_options() if tls and tls.certificate else {}),
        **hooks,
    }
    _Gunicorn(make_app, options).run()
