"""A server process that a test or a benchmark starts, kills for real and never leaves behind.

Start, readiness, SIGKILL of the whole tree and clean-up are the same for each server; tests/servers.py says
what a PostgreSQL or a RabbitMQ is. Whatever ends the process that started a server also ends the server.
"""

import atexit
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

HOST = "127.0.0.1"
READY_WITHIN = 90.0
STOPPED_WITHIN = 60.0
# Waits for the end of the process that holds its standard input, even by SIGKILL, then cleans up after it.
GUARD = 'cat >/dev/null; s=$1 d=$2; shift 2; kill -s "$s" "$@"; sleep 2; if [ -n "$d" ]; then rm -rf "$d"; fi'

_given_ports: set[int] = set()


class ServerError(RuntimeError):
    """A server is not installed, did not start, or was asked for something it cannot do in its state."""


def free_port() -> int:
    """A free loopback TCP port, the same for no two calls in this process.

    It lies below the ephemeral range (from 32768 on): there, a client that keeps trying a killed server may
    be given the server's own port as its local one, connect to itself, and keep the server from coming back.
    """
    for port in random.sample(range(15000, 32000), 1000):
        if port not in _given_ports and _is_free(port):
            _given_ports.add(port)
            return port
    raise ServerError("no free port between 15000 and 32000: end what listens there")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


class Server:
    """What both servers share: directory, log, start, clean-up."""

    name = ""
    _stop_signal = signal.SIGTERM  # an orderly end
    _last_signal = signal.SIGKILL  # the end when nobody needs the data any more

    def __init__(self, directory: Path | None) -> None:
        self._removes_directory = directory is None
        self.directory = directory or Path(tempfile.mkdtemp(prefix=f"huajie-{self.name}-"))
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.log = self.directory / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._companions: list[subprocess.Popen[bytes]] = []  # end with the server
        self._guard: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()
        atexit.register(self.close)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def is_running(self) -> bool:
        """Whether the server's process is there."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Starts and returns when clients are answered. Raises ServerError with the end of the log."""
        if self.is_running:
            raise ServerError(f"{self.name} runs already on port {self.port}")
        if not _is_free(self.port):
            raise ServerError(f"port {self.port} is in use: another server took it meanwhile")
        try:
            self._process = self._launch()
            self._watch()
            if not wait_until(self._is_ready, READY_WITHIN) or not self.is_running:
                tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-30:])
                raise ServerError(f"{self.name} did not answer on port {self.port}; its log ends:\n{tail}")
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Shuts down in order; nothing happens when it is down already."""
        if self._process and self.is_running:
            self._process.send_signal(self._stop_signal)
            wait_until(lambda: not self.is_running, STOPPED_WITHIN)
        self.kill()

    def kill(self) -> None:
        """Ends the server and all its children with SIGKILL; they are gone on return."""
        for process in [self._process, *self._companions]:
            if process:
                kill_tree(process)
        self._process, self._companions = None, []
        if self._guard:
            self._guard.kill()
            self._guard.communicate()
            self._guard = None

    def restart(self) -> None:
        """Stops in order and starts on the same port."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Ends the server for good and removes its directory, unless that was given by the caller."""
        if os.getpid() != self._owner:  # a forked child runs our atexit too
            return
        if self._process and self.is_running:
            self._process.send_signal(self._last_signal)
            wait_until(lambda: not self.is_running, STOPPED_WITHIN)
        self.kill()
        if self._removes_directory:
            shutil.rmtree(self.directory, ignore_errors=True)
        atexit.unregister(self.close)

    def _launch(self) -> subprocess.Popen[bytes]:
        """Starts the server's process, and its companions before it."""
        raise NotImplementedError

    def _answers(self) -> bool:
        raise NotImplementedError

    def _is_ready(self) -> bool:
        return not self.is_running or self._answers()

    def _spawn(self, command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.directory,
                start_new_session=True,  # Ctrl-C at the terminal is ours, not the server's
                **options,
            )

    def _watch(self) -> None:
        directory = str(self.directory) if self._removes_directory else ""
        pids = [str(process.pid) for process in [self._process, *self._companions] if process]
        self._guard = subprocess.Popen(
            ["sh", "-c", GUARD, "guard", self._last_signal.name.removeprefix("SIG"), directory, *pids],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition became true within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to a process and all its descendants; returns when they are gone."""
    victims: set[int] = set()
    if process.poll() is None:
        process.send_signal(signal.SIGSTOP)  # forks no more while its children are counted
        victims = {process.pid, *_descendants(process.pid)}
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    process.wait()
    wait_until(lambda: not victims & _parents().keys(), STOPPED_WITHIN)


def _descendants(pid: int) -> list[int]:
    parents, found = _parents(), [pid]
    for known in found:
        found.extend(child for child, parent in parents.items() if parent == known)
    return found[1:]


def _parents() -> dict[int, int]:
    """Each living process and its parent, from /proc; empty where there is none."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text(errors="replace").rpartition(")")[2].split()[:2]
        except (OSError, ValueError):  # it ended meanwhile
            continue
        if state not in "ZX":
            parents[int(stat.parent.name)] = int(parent)
    return parents
