"""A line between two brokers that a test can cut and mend."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

from tests.processes import HOST


class Line:
    """A TCP proxy: connections pass while it is whole; `cut()` breaks them and lets no new one through."""

    def __init__(self, port: int) -> None:
        self._target = (HOST, port)
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._whole = True
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _e: object, _t: TracebackType | None) -> None:
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        self._whole = False
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends = []

    def mend(self) -> None:
        self._whole = True

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            try:
                if not self._whole:
                    raise ConnectionRefusedError
                broker = socket.create_connection(self._target)
            except OSError:
                client.close()
                continue
            self._ends += [client, broker]
            for source, target in ((client, broker), (broker, client)):
                threading.Thread(target=_pump, args=(source, target), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
