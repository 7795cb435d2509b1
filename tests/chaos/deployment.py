"""Five services as they run apart: `huajie web` and `huajie worker` of each, processes that can be killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from shared.runtime.compose import DEMO_PASSWORD
from tests.bus.station import until
from tests.ground import SECRET, keys_for
from tests.processes import free_port

ROOT = Path(__file__).parents[2]


class Process:
    """One command of `huajie` with all its children, in a group that is killed as one."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.name, self._command, self._environment, self.log = name, command, environment, log
        self.root = ROOT  # whose code it runs; another at its next start where that is changed
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                [sys.executable, "-m", "shared.runtime", *self._command],
                cwd=self.root,
                env=self._environment | {"PYTHONPATH": str(self.root)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """kill -9 of the process and its children."""
        if self._running is not None and self._running.poll() is None:
            os.killpg(self._running.pid, signal.SIGKILL)
        if self._running is not None:
            self._running.wait(30)

    def end(self) -> int:
        """End it as an operator does; gives the exit status."""
        assert self._running is not None
        self._running.terminate()
        return self._running.wait(60)

    def wait(self) -> int:
        """Wait until it ends by itself; gives the exit status."""
        assert self._running is not None
        return self._running.wait(120)

    @property
    def pid(self) -> int:
        assert self._running is not None
        return self._running.pid

    @property
    def has_left(self) -> bool:
        return self._running is not None and self._running.poll() is not None


class Deployment:
    """All processes of all services against a PostgreSQL and a RabbitMQ."""

    def __init__(
        self, names: list[str], database_url: str, bus_url: str, directory: Path, **more: str
    ) -> None:
        self.ports = {name: free_port() for name in names}
        self._tokens: dict[str, str] = {}
        peers = {name: f"http://127.0.0.1:{port}" for name, port in self.ports.items()}
        self.environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(ROOT),
            "TMPDIR": str(directory),
            "DATABASE_URL": database_url,
            "BUS_URL": bus_url,
            "SECRET_KEY": SECRET,
            "KEYS_DIR": str(keys_for("local")),
            "MASTER_KEY_FILE": str(keys_for("local") / "master-key"),
            "PEERS": ",".join(f"{name}={url}" for name, url in peers.items()),
            "DEMO": "1",
            "CATCH_UP_SECONDS": "5",
            **more,
        }
        self.processes: dict[str, Process] = {}
        for name, port in self.ports.items():
            web = ["web", name, "--port", str(port), "--workers", "1"]
            for kind, command in (("web", web), ("worker", ["worker", name])):
                log = directory / f"{kind}-{name}.log"
                self.processes[f"{kind} {name}"] = Process(f"{kind} {name}", command, self.environment, log)

    def __enter__(self) -> Self:
        subprocess.run(
            [sys.executable, "-m", "shared.runtime", "migrate"],
            cwd=ROOT, env=self.environment, check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        try:
            for process in self.processes.values():
                process.start()
            for name in self.ports:
                until(lambda name=name: self.answers(name), f"web {name}", 60)
        except BaseException:
            self.kill_all()  # a `with` that is never entered is never left
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, _e: Any, _t: TracebackType | None) -> None:
        self.kill_all()

    def kill_all(self) -> None:
        for process in self.processes.values():
            process.kill()

    def answers(self, name: str) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.ports[name]}/health/live", timeout=5).is_success
        except httpx.HTTPError:
            return False

    def restart_those_that_left(self) -> None:
        """What a container engine does with a process that ended by itself."""
        for process in self.processes.values():
            if process.has_left:
                process.start()

    def client(self, name: str, post: str) -> "PatientClient":
        return PatientClient(f"http://127.0.0.1:{self.ports[name]}", self.token(post))

    def token(self, post: str) -> str:
        """The token of a post, once for the whole test."""
        if post not in self._tokens:
            asking = PatientClient(f"http://127.0.0.1:{self.ports['intake']}", "")
            answer = asking.ask("POST", "/api/tokens", json={"post": post, "password": DEMO_PASSWORD})
            self._tokens[post] = answer.raise_for_status().json()["token"]
        return self._tokens[post]


class PatientClient:
    """An API client that asks again while a process or a database is away."""

    def __init__(self, url: str, token: str) -> None:
        headers = {"Accept-Language": "en"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._client = httpx.Client(base_url=url, headers=headers, timeout=20)

    def ask(self, method: str, path: str, patience: float = 120.0, **arguments: Any) -> httpx.Response:
        """The first answer that is not of an outage. A step may have been done before its answer was lost."""
        end = time.monotonic() + patience
        while True:
            try:
                answer = self._client.request(method, path, **arguments)
                if answer.status_code not in (502, 503):
                    return answer
            except httpx.TransportError:
                pass
            assert time.monotonic() < end, f"no answer to {method} {path} for {patience} s"
            time.sleep(0.2)
