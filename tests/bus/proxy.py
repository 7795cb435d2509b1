"""A TCP proxy in front of RabbitMQ that holds the broker's answers back once messages are on their way."""

import select
import socket
import threading
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

FIRST_PUBLISH = b"id-0"


class HoldingProxy:
    """From the first publish on, answers wait until the client has sent `hold_until`. One connection."""

    def __init__(self, url: str, hold_until: bytes) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname, parts.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._until = hold_until
        self.held = False
        port = self._listener.getsockname()[1]
        self.url = parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}").geturl()
        self._ends: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._run, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, _e: Any, _t: TracebackType | None) -> None:
        for end in [self._listener, *self._ends]:
            end.close()

    def _run(self) -> None:
        client, _address = self._listener.accept()
        broker = socket.create_connection(self._target)
        self._ends = [client, broker]
        sent, waiting = b"", b""
        try:
            while True:
                for ready in select.select([client, broker], [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    if ready is client:
                        sent += data
                        broker.sendall(data)
                    else:
                        waiting += data
                    self.held = FIRST_PUBLISH in sent and self._until not in sent or self.held
                    if FIRST_PUBLISH not in sent or self._until in sent:
                        client.sendall(waiting)
                        waiting = b""
        except (OSError, ValueError):
            return  # an end was closed
