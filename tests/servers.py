"""Private RabbitMQ and PostgreSQL servers on free ports, for tests and benchmarks.

Both can be killed, wiped and started again on the same port; nothing of ours outlives the process.
"""

import atexit
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

SECONDS = 60


class Server:
    """What both have in common: a directory, a port, a beginning and an end."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="huajie-", dir="/tmp"))  # noqa: S108 (as another user)
        self.directory.chmod(0o755)
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    def start(self) -> None:
        raise NotImplementedError

    def kill(self) -> None:
        """SIGKILL to the server and all its children."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """An orderly end."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(15)
        self.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def close(self) -> None:
        """End it and remove its directory."""
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def _launch(self, command: list[str], environment: dict[str, str], ready: Callable[[], bool]) -> None:
        log = self.directory / "server.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                env=environment,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                cwd=self.directory,
            )
        until = time.monotonic() + SECONDS
        while not ready():
            if self._process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise RuntimeError(f"{command[0]} did not start:\n{log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.1)


class PostgreSQL(Server):
    """A cluster of its own. `fsync=False` is for tests that do not kill it."""

    def __init__(self, *, fsync: bool = True) -> None:
        super().__init__()
        self._fsync = fsync
        self._bin = _postgres_bin()
        self._data = self.directory / "data"
        if os.geteuid() == 0:
            shutil.chown(self.directory, "postgres", "postgres")

    def start(self) -> None:
        if not self._data.exists():
            init = ["initdb", "-D", str(self._data), "-U", "huajie", "--auth=trust", "-E", "UTF8"]
            self._run([*init, "--locale=C.UTF-8", "--no-sync"])
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.directory),
            "fsync": "on" if self._fsync else "off",
            "max_connections": "200",
            "log_min_messages": "panic",
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        command = [*_as_user("postgres"), str(self._bin / "postgres"), "-D", str(self._data), *options]
        self._launch(command, dict(os.environ) | {"LC_ALL": "C.UTF-8"}, self._answers)

    def create_database(self, name: str) -> str:
        """A new empty database; returns its SQLAlchemy URL."""
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://huajie@127.0.0.1:{self.port}/{name}"

    def _dsn(self, name: str) -> str:
        return f"host=127.0.0.1 port={self.port} user=huajie dbname={name} connect_timeout=2"

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._dsn("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(
            [*_as_user("postgres"), str(self._bin / command[0]), *command[1:]],
            cwd=self.directory,
            env=dict(os.environ) | {"LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed:\n{done.stderr[-3000:]}")

    def kill(self) -> None:
        super().kill()
        # Backends left by a killed postmaster hold shared memory; they notice its death, wait for that.
        (self._data / "postmaster.pid").unlink(missing_ok=True)


class RabbitMQ(Server):
    """A node of its own, with its own epmd; `plugins` are switched on."""

    def __init__(self, *, plugins: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._name = f"huajie{self.port}@localhost"
        self._plugins = plugins
        self._epmd, self._distribution = free_port(), free_port()
        (self.directory / "home").mkdir()

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def start(self) -> None:
        plugins = f"[{','.join(self._plugins)}]."
        (self.directory / "enabled_plugins").write_text(plugins)
        self._launch([str(_rabbit_bin() / "rabbitmq-server")], self._environment(), self._answers)

    def wipe(self) -> None:
        """Remove everything that the node keeps. Only while it is stopped."""
        if self._process is not None:
            raise RuntimeError("stop or kill the node before wiping it")
        shutil.rmtree(self.directory / "mnesia", ignore_errors=True)

    def ctl(self, *arguments: str) -> str:
        """The output of rabbitmqctl."""
        command = [str(_rabbit_bin() / "rabbitmqctl"), "-n", self._name, *arguments]
        done = subprocess.run(
            command, env=self._environment(), capture_output=True, text=True, timeout=SECONDS, check=True
        )
        return done.stdout

    def kill(self) -> None:
        super().kill()
        self._kill_epmd()

    def _kill_epmd(self) -> None:
        # epmd daemonizes itself out of our process group: find it by the port that it was given.
        marker = f"ERL_EPMD_PORT={self._epmd}".encode()
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                if entry.name.isdecimal() and marker in (entry / "environ").read_bytes().split(b"\0"):
                    if int(entry.name) != os.getpid():
                        os.kill(int(entry.name), signal.SIGKILL)

    def _environment(self) -> dict[str, str]:
        base = self.directory
        return {
            "PATH": f"{_rabbit_bin()}:{os.environ.get('PATH', '/usr/bin:/bin')}",
            "HOME": str(base / "home"),
            "LANG": "C.UTF-8",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._epmd),
            "RABBITMQ_NODENAME": self._name,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._distribution),
            "RABBITMQ_MNESIA_BASE": str(base / "mnesia"),
            "RABBITMQ_LOG_BASE": str(base / "log"),
            "RABBITMQ_PID_FILE": str(base / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(base / "enabled_plugins"),
            "RABBITMQ_CONF_ENV_FILE": str(base / "no-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(base / "rabbitmq"),
        }

    def _answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(2)
            try:
                probe.connect(("127.0.0.1", self.port))
                probe.sendall(b"AMQP\x00\x00\x09\x01")
                return bool(probe.recv(1))
            except OSError:
                return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _as_user(user: str) -> list[str]:
    # PostgreSQL refuses to run as root.
    return ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"] if os.geteuid() == 0 else []


def _postgres_bin() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    if not found:
        raise RuntimeError("no PostgreSQL server here: run deploy/system-packages.sh")
    return found[-1].parent


def _rabbit_bin() -> Path:
    found = next(iter(Path("/usr/lib/rabbitmq").glob("lib/rabbitmq_server-*/sbin")), None)
    if found is None:
        raise RuntimeError("no RabbitMQ here: run deploy/system-packages.sh")
    return found
