"""Runs web applications under gunicorn: one service, or all five in one process."""

import logging
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

log = logging.getLogger(__name__)


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


def serve(
    make_app: Callable[[], Any],
    *,
    host: str,
    port: int,
    workers: int = 1,
    threads: int = 8,
    **hooks: Callable[..., None],
) -> None:
    """Serve until a signal comes. `hooks` are gunicorn's server hooks."""
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
        **hooks,
    }
    _Gunicorn(make_app, options).run()
