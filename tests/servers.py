"""Private PostgreSQL and RabbitMQ servers for tests and benchmarks.

Each stands on free loopback ports with its data in a directory of its own, so that several can run at once
and none touches a server of the machine. They are killed for real, because what a test of lost messages
shows is worth no more than the kill.
"""

import json
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.processes import HOST, READY_WITHIN, Server, ServerError, free_port, wait_until

INSTALL = "install it with `sh deploy/system-packages.sh`"


class PostgreSQL(Server):
    """A PostgreSQL of the newest version installed; superuser `postgres`, no password.

    fsync=False is quicker and still loses nothing when the server is killed, only when the machine is; `more`
    are settings of PostgreSQL.
    As root it runs as the system's user `postgres`, which must be able to reach the directory.
    """

    name = "postgresql"
    _stop_signal = signal.SIGINT  # fast shutdown: does not wait for the clients to leave
    _last_signal = signal.SIGQUIT  # immediate shutdown: like a crash, but gives the shared memory back

    def __init__(self, directory: Path | None = None, *, fsync: bool = True, **more: str) -> None:
        super().__init__(directory)
        self._settings = {"fsync": "on" if fsync else "off"} | more
        self._data = self.directory / "data"

    def url(self, database: str) -> str:
        """SQLAlchemy's address of a database, with the psycopg driver."""
        return f"postgresql+psycopg://postgres@{HOST}:{self.port}/{database}"

    def create_database(self, database: str) -> str:
        """Makes an empty database and returns its url. Raises psycopg.Error when it exists."""
        with self._connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        return self.url(database)

    def drop_database(self, database: str) -> None:
        """Removes a database with all that it holds, also from under those who use it."""
        with self._connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(
            host=HOST, port=self.port, user="postgres", dbname="postgres", connect_timeout=5, autocommit=True
        )

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.Error:
            return False
        return True

    def _launch(self) -> subprocess.Popen[bytes]:
        programs, identity = _postgresql_programs(), _unprivileged()
        if identity:
            shutil.chown(self.directory, identity["user"], identity["group"])
        if not (self._data / "PG_VERSION").exists():
            options = "--username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync"
            command = [f"{programs}/initdb", *options.split(), "--pgdata", str(self._data)]
            if self._spawn(command, **identity).wait(READY_WITHIN):
                raise ServerError(f"initdb failed:\n{self.log.read_text(errors='replace')}")
        settings = {
            "listen_addresses": HOST,
            "unix_socket_directories": str(self.directory),
            "max_connections": "300",
        } | self._settings
        arguments = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        command = [f"{programs}/postgres", "-D", str(self._data), "-p", str(self.port), *arguments]
        return self._spawn(command, **identity)


class RabbitMQ(Server):
    """A RabbitMQ node with an Erlang port mapper of its own; user and password `guest`, vhost `/`.

    `plugins` are enabled by name; with rabbitmq_management its page stands on `management_port`.
    `tls`: the folder of an authority with a certificate `rabbitmq`; then `tls_port` asks for one of clients.
    `definitions` (management's JSON) are loaded before the first client is let in; `guest` is added to them.
    """

    name = "rabbitmq"

    def __init__(
        self,
        directory: Path | None = None,
        *,
        plugins: Sequence[str] = (),
        definitions: Path | None = None,
        tls: Path | None = None,
    ) -> None:
        super().__init__(directory)
        self._tls = tls
        self.tls_port = free_port()
        self._plugins = plugins
        self._definitions = definitions
        self.management_port = free_port()
        self._data = self.directory / "data"
        self._home = self.directory / "home"
        self._epmd_port, self._node_port = free_port(), free_port()

    @property
    def url(self) -> str:
        """kombu's address of the vhost `/`."""
        return f"amqp://guest:guest@{HOST}:{self.port}//"

    def ctl(self, *arguments: str) -> str:
        """What rabbitmqctl prints. Raises ServerError with its complaint."""
        command = [_rabbitmq_program("rabbitmqctl"), "--quiet", *arguments]
        done = subprocess.run(
            command, env=self._environment(), cwd=self.directory, capture_output=True, text=True, timeout=60
        )
        if done.returncode:
            raise ServerError(f"rabbitmqctl {' '.join(arguments)}: {done.stderr or done.stdout}")
        return done.stdout

    def wipe(self) -> None:
        """Removes all that the node has stored, as a lost disk would. Raises ServerError while it runs."""
        if self.is_running:
            raise ServerError("the data of a running RabbitMQ cannot be removed: stop() or kill() it first")
        shutil.rmtree(self._data, ignore_errors=True)

    def _launch(self) -> subprocess.Popen[bytes]:
        self._write_settings()
        environment = self._environment()
        mapper = [_rabbitmq_program("epmd"), "-port", str(self._epmd_port), "-address", HOST]
        self._companions = [self._spawn(mapper, env=environment)]
        # erl starts a port mapper that outlives it, unless one answers already
        wait_until(lambda: _accepts(self._epmd_port), READY_WITHIN)
        return self._spawn([_rabbitmq_program("rabbitmq-server")], env=environment)

    def _answers(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), timeout=5) as client:
                client.sendall(b"AMQP\x00\x00\x09\x01")
                return client.recv(1) == b"\x01"  # a method frame: connection.start
        except OSError:
            return False

    def _write_settings(self) -> None:
        self._home.mkdir(exist_ok=True)
        self._data.mkdir(exist_ok=True)
        cookie = self._home / ".erlang.cookie"
        if not cookie.exists():
            cookie.write_text(f"{random.SystemRandom().getrandbits(96):024X}")
            cookie.chmod(0o400)
        lines = [f"listeners.tcp.1 = {HOST}:{self.port}", "disk_free_limit.absolute = 50MB"]
        if self._tls:
            lines += [
                f"listeners.ssl.1 = {HOST}:{self.tls_port}",
                f"ssl_options.cacertfile = {self._tls / 'ca.pem'}",
                f"ssl_options.certfile = {self._tls / 'rabbitmq.pem'}",
                f"ssl_options.keyfile = {self._tls / 'rabbitmq.key'}",
                "ssl_options.verify = verify_peer",
                "ssl_options.fail_if_no_peer_cert = true",
            ]
        if "rabbitmq_management" in self._plugins:
            lines += [f"management.tcp.ip = {HOST}", f"management.tcp.port = {self.management_port}"]
        if self._definitions:
            definitions = self.directory / "definitions.json"
            definitions.write_text(json.dumps(_with_guest(json.loads(self._definitions.read_text("utf-8")))))
            lines.append(f"load_definitions = {definitions}")
        (self.directory / "rabbitmq.conf").write_text("\n".join(lines) + "\n")
        (self.directory / "advanced.config").write_text("[].\n")
        (self.directory / "enabled_plugins").write_text(f"[{','.join(self._plugins)}].\n")

    def _environment(self) -> dict[str, str]:
        loopback = "-kernel inet_dist_use_interface {127,0,0,1}"
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._home),
            "LC_ALL": "C.UTF-8",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": HOST,
            "ERL_CRASH_DUMP_SECONDS": "0",
            "RUNNING_UNDER_SYSTEMD": "true",  # the script becomes the Erlang VM instead of its parent
            "RABBITMQ_NODENAME": "huajie@localhost",
            "RABBITMQ_DIST_PORT": str(self._node_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": loopback,
            "RABBITMQ_CTL_ERL_ARGS": loopback,
            "RABBITMQ_CTL_DIST_PORT_MIN": "0",  # any free one, so that several ctl can run at once
            "RABBITMQ_CTL_DIST_PORT_MAX": "0",
            "RABBITMQ_MNESIA_BASE": str(self._data),
            "RABBITMQ_LOG_BASE": str(self.directory),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": str(self.directory / "pid"),
            "RABBITMQ_CONF_ENV_FILE": str(self.directory / "none"),
            "RABBITMQ_CONFIG_FILE": str(self.directory / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.directory / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.directory / "enabled_plugins"),
        }


def _postgresql_programs() -> Path:
    """The folder of initdb and postgres, of the newest version that Debian's layout or PATH has."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise ServerError(f"PostgreSQL's server programs (initdb) are not here: {INSTALL}")
    return found[-1].parent if found else Path(str(on_path)).resolve().parent


def _unprivileged() -> dict[str, Any]:
    """Whom PostgreSQL runs as: it refuses root. Arguments of Popen; empty: as we do."""
    if os.geteuid() != 0:
        return {}
    try:
        group = pwd.getpwnam("postgres").pw_gid
    except KeyError:
        raise ServerError(f"PostgreSQL's system user `postgres` is not here: {INSTALL}") from None
    return {"user": "postgres", "group": group, "extra_groups": []}


def _rabbitmq_program(name: str) -> str:
    """A program of RabbitMQ or Erlang; the ones that Debian has on PATH change user and directory."""
    path = os.pathsep.join(
        ["/usr/lib/rabbitmq/bin", "/usr/lib/erlang/bin", os.environ.get("PATH", os.defpath), "/usr/sbin"]
    )
    program = shutil.which(name, path=path)
    if not program:
        raise ServerError(f"RabbitMQ's program {name} is not here: {INSTALL}")
    return program


def _accepts(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=5).close()
    except OSError:
        return False
    return True


def _with_guest(definitions: dict[str, Any]) -> dict[str, Any]:
    """Definitions with the user guest and the vhost `/`, which a node that loads any does not make itself."""
    vhosts = definitions.setdefault("vhosts", [])
    if all(vhost["name"] != "/" for vhost in vhosts):
        vhosts.append({"name": "/"})
    users = definitions.setdefault("users", [])
    if all(user["name"] != "guest" for user in users):
        users.append({"name": "guest", "password": "guest", "tags": ["administrator"]})
        all_rights = {"user": "guest", "configure": ".*", "write": ".*", "read": ".*"}
        definitions.setdefault("permissions", []).extend(all_rights | {"vhost": v["name"]} for v in vhosts)
    return definitions
