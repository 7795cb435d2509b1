"""What compose.yaml starts, started as processes: its commands and environments, on private servers.

Only what a container gives of itself is put in the place of what it stands for: host names become loopback
ports, and /run/secrets/huajie the folder that the file mounts there.
"""

import os
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from shared.runtime.secrets import make_secrets
from tests.chaos.deployment import Process
from tests.deploy.compose_file import ROOT, read_compose
from tests.processes import HOST, Server, free_port, wait_until
from tests.servers import PostgreSQL, RabbitMQ

SECRETS = "/run/secrets/huajie"
NAME = "localhost"  # has a certificate, and is found by every process without a name server


class Nginx(Server):
    """The proxy with its configuration as it is but for paths, host names and ports."""

    name = "nginx"
    _last_signal = signal.SIGTERM  # takes its workers along

    def __init__(self, ports: dict[str, int], secrets: Path, directory: Path, given: dict[str, str]) -> None:
        super().__init__(directory)
        self._given = given
        self.plain_port, self.partners_port = free_port(), free_port()
        self._ports, self._secrets = ports, secrets

    def _launch(self) -> subprocess.Popen[bytes]:
        own = {
            "/tmp/": f"{self.directory}/",  # first: the folders that follow may lie below it
            "/etc/nginx/huajie": str(self.directory),
            SECRETS: str(self._secrets),
            "/dev/stdout": f"{self.directory}/access.log",
            "listen [::]:8080;": "",
            "listen [::]:8443 ssl http2;": "",
            "listen [::]:8444 ssl;": "",
            "listen 8444": f"listen {HOST}:{self.partners_port}",
            "listen 8080": f"listen {HOST}:{self.plain_port}",
            "listen 8443": f"listen {HOST}:{self.port}",
            "http://$service$domain:8000": "http://127.0.0.1:$port",
            "    server_tokens off;": f"    server_tokens off;\n    {self._map()}",
        }
        if os.geteuid() == 0:  # started as root its workers would be somebody who may not write here
            own["worker_processes 2;"] = "user root; worker_processes 2;"
        own["/etc/resolv.conf"] = str(self.directory / "resolv.conf")  # as in Kubernetes
        (self.directory / "resolv.conf").write_text("nameserver 127.0.0.1\nsearch huajie.svc.cluster.local\n")
        for file in ("nginx.conf", "pass.conf", "start.sh"):
            (self.directory / file).write_text(_replaced((ROOT / "deploy/proxy" / file).read_text(), own))
        search = self._given | {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
        return self._spawn(["sh", str(self.directory / "start.sh")], env=search)

    def _map(self) -> str:
        return f"map $service $port {{ {' '.join(f'{name} {port};' for name, port in self._ports.items())} }}"

    def _answers(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), timeout=5):
                return True
        except OSError:
            return False


class Stack:
    """All containers of a compose file as processes."""

    def __init__(
        self, postgresql: PostgreSQL, directory: Path, file: str = "compose.yaml", **variables: str
    ) -> None:
        self.directory, self._postgresql = directory, postgresql
        self.file = read_compose(file, PUBLIC_URL=f"https://{NAME}", **variables)["services"]
        self.secrets = directory / "secrets"
        runs = self.file["postgres"]["environment"]["HUAJIE_SERVICES"].split()
        make_secrets(self.secrets, variables.get("AGENCY", "local"), NAME, names=runs)
        made = {"definitions": self.secrets / "rabbitmq" / "definitions.json"}
        self.rabbit = RabbitMQ(**made, tls=self.secrets / "made" / "authority")
        self.ports = {name: free_port() for name, each in self.file.items() if _kind(each) == "web"}
        self.health_ports = {name: free_port() for name, each in self.file.items() if _kind(each) == "worker"}
        given = self.file["proxy"].get("environment", {})
        self.proxy = Nginx(self.ports, self.secrets / "proxy", _made(directory / "proxy"), given)
        self.processes = {
            name: Process(name, each["command"], self.environment(name), directory / f"{name}.log")
            for name, each in self.file.items()
            if _kind(each)
        }

    def environment(self, name: str) -> dict[str, str]:
        """Of a container, as the file says, with what stands for its surroundings."""
        folder = str(self._folder(name))
        places = {f"http://{peer}:8000": f"http://{HOST}:{port}" for peer, port in self.ports.items()}
        own_port = self.ports.get(name) or self.health_ports.get(name, 0)
        places |= {
            f"{SECRETS}": folder,
            "http://127.0.0.1:8000": f"http://{HOST}:{own_port}",
            "http://127.0.0.1:9100": f"http://{HOST}:{own_port}",
        }
        given = {key: _replaced(str(value), places) for key, value in self.file[name]["environment"].items()}
        if "METRICS_PORT" in given:
            given["METRICS_PORT"] = str(own_port)
        elif own_port:
            given["PORT"] = str(own_port)
        surroundings = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATA_DIR": str(self.directory)}
        return surroundings | given

    def _folder(self, name: str) -> Path:
        (source,) = (v.split(":")[0] for v in self.file[name]["volumes"] if f":{SECRETS}:" in v)
        assert source.startswith("./secrets/")
        return self.directory / source

    def __enter__(self) -> Self:
        try:
            if "rabbitmq" in self.file:
                self.rabbit.start()
            self._databases()
            for name, each in self.file.items():
                if _kind(each) == "migrate":
                    self.processes[name].start()
                    assert self.processes[name].wait() == 0, self.processes[name].log.read_text()
            for name in [*self.ports, *self.health_ports]:
                self.processes[name].start()
            for name in [*self.ports, *self.health_ports]:
                ready = wait_until(lambda name=name: self.is_healthy(name), 60)
                assert ready, self.processes[name].log.read_text()[-2000:]
            self.proxy.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        for process in self.processes.values():
            process.kill()
        self.proxy.close()
        self.rabbit.close()

    def outside(self, **headers: str) -> httpx.Client:
        """A client at the proxy."""
        trusted = ssl.create_default_context(cafile=str(self.secrets / "made" / "authority" / "ca.pem"))
        address = f"https://{NAME}:{self.proxy.port}"
        return httpx.Client(
            base_url=address, verify=trusted, headers={"Accept-Language": "en", **headers}, timeout=30
        )

    def is_healthy(self, name: str) -> bool:
        """As the image's health check finds it."""
        check = [sys.executable, str(ROOT / "deploy" / "health.py")]
        return subprocess.run(check, env=self.environment(name), capture_output=True).returncode == 0

    def _databases(self) -> None:
        """Run the script of the database's image, and let the services find both servers."""
        script = (ROOT / "deploy/postgres/databases.sh").read_text()
        folder = self.secrets / "postgres"
        names = self.file["postgres"]["environment"]["HUAJIE_SERVICES"]
        surroundings = {"PGHOST": HOST, "PGPORT": str(self._postgresql.port), "HUAJIE_SERVICES": names}
        subprocess.run(
            ["sh", "-c", script.replace(SECRETS, str(folder))],
            env=os.environ | surroundings,
            check=True,
            capture_output=True,
        )
        places = {
            "@postgres:5432/": f"@{HOST}:{self._postgresql.port}/",
            "@rabbitmq:5672/": f"@{HOST}:{self.rabbit.port}/",
        }
        for file in [*self.secrets.glob("*/database-url"), *self.secrets.glob("*/bus-url")]:
            file.chmod(0o600)
            file.write_text(_replaced(file.read_text(), places))


def _kind(container: dict[str, Any]) -> str | None:
    """web, worker or migrate; None for what is not ours."""
    return str(container["command"][0]) if "huajie" in container["image"] else None


def _replaced(text: str, places: dict[str, str]) -> str:
    for old, new in places.items():
        text = text.replace(old, new)
    return text


def _made(directory: Path) -> Path:
    directory.mkdir(parents=True)
    return directory
