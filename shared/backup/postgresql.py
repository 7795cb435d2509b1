"""One service's PostgreSQL database for backup and restore, by PostgreSQL's own pg_dump and pg_restore."""

import os
import re
import shutil
import subprocess  # nosec B404 # pg_dump and pg_restore
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from shared.backup.manifest import Part, part_of
from shared.bus.relay import relay_turn
from shared.db.engine import turn_key
from shared.errors import SettingError
from shared.runtime.service import Instance

SUFFIX = "dump"
LOCK_SECONDS = 120  # a relay holds its lock while it waits for the bus's confirms
OBJECTS = """
SELECT format('DROP TABLE IF EXISTS %s CASCADE', oid::regclass) FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
UNION ALL SELECT format('DROP SEQUENCE IF EXISTS %s CASCADE', oid::regclass) FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
UNION ALL SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', oid::regprocedure) FROM pg_proc
 WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT format('DROP TYPE IF EXISTS %s CASCADE', oid::regtype) FROM pg_type
 WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'
"""


class PostgresStore:
    """The database of one service. Backup: `hold` on all services, `freeze` on all, `let_go`, then `dump`."""

    def __init__(self, instance: Instance) -> None:
        self.service = instance.service.name
        self._engine = instance.db.engine
        self._held: Connection | None = None
        self._snapshot = ""

    def hold(self) -> None:
        """Take the relay's lock: until `let_go` no event gets a position or is published. Requests go on."""
        self._held = self._connect()
        self._held.execute(text(f"SET lock_timeout = '{LOCK_SECONDS}s'; SET statement_timeout = 0"))
        # Before the transaction that is dumped: its first statement fixes what it sees, then waits.
        self._held.execute(text("SELECT pg_advisory_lock(:key)"), {"key": turn_key(relay_turn(self.service))})

    def freeze(self) -> None:
        """Fix what will be dumped."""
        held = self._holding
        held.execute(text("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        self._snapshot = str(held.scalar(text("SELECT pg_export_snapshot()")))

    def let_go(self) -> None:
        """Let the relay go on."""
        self._holding.execute(
            text("SELECT pg_advisory_unlock(:key)"), {"key": turn_key(relay_turn(self.service))}
        )

    def dump(self, directory: Path) -> Part:
        """Write what was frozen. Raises SettingError with what pg_dump complains of."""
        held = self._holding
        versions = list(held.scalars(text("SELECT version_num FROM alembic_version")))
        position = held.scalar(text("SELECT coalesce(max(position), 0) FROM outbox"))
        file = directory / f"{self.service}.{SUFFIX}"
        self._run(
            "pg_dump", "--format=custom", "--no-owner", "--no-privileges",
            f"--snapshot={self._snapshot}", f"--file={file}",
        )  # fmt: skip
        file.chmod(0o600)
        return part_of(file, versions, int(position or 0))

    def close(self) -> None:
        """Give everything back, also after an error."""
        if self._held is not None:
            self._held.invalidate()  # closed, not pooled: the lock and the snapshot end with it
            self._held.close()
            self._held = None

    def in_use(self) -> int:
        """How many others have the database open."""
        with self._connect() as connection:
            others = text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            return int(connection.scalar(others) or 0)

    def is_empty(self) -> bool:
        """Whether nothing would be lost by a restore."""
        with self._connect() as connection:
            return not connection.scalars(text(OBJECTS)).all()

    def empty(self) -> None:
        """Remove all that is in it, in one transaction; the database and its rights stay."""
        with self._engine.begin() as connection:
            for drop in connection.scalars(text(OBJECTS)).all():
                connection.execute(text(drop))

    def load(self, directory: Path, part: Part) -> None:
        """Take what a backup has, all or nothing; the database is empty before."""
        self._run(
            "pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error",
            str(directory / part.file),
        )  # fmt: skip

    @property
    def _holding(self) -> Connection:
        assert self._held is not None, "hold() comes first"
        return self._held

    def _connect(self) -> Connection:
        return self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def _run(self, program: str, *arguments: str) -> None:
        url = self._engine.url.set(drivername="postgresql")
        environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
        address = url.set(password=None).render_as_string(hide_password=False)
        done = subprocess.run(  # nosec B603 # a list, never a shell's line
            [_program(program), *arguments, f"--dbname={address}"],
            env=environment, capture_output=True, text=True, errors="replace",
        )  # fmt: skip
        if done.returncode:
            raise SettingError(f"{self.service}: {_complaint(program, done.stderr)}")


def check_programs(store: PostgresStore) -> None:
    """Raises SettingError where pg_dump or pg_restore is missing or older than the server."""
    with store._connect() as connection:
        server = int(connection.scalar(text("SHOW server_version_num")) or 0) // 10_000
    for name in ("pg_dump", "pg_restore"):
        command = [_program(name), "--version"]
        told: Any = subprocess.run(command, capture_output=True, text=True).stdout  # nosec B603 # a list, as above
        found = re.search(r"(\d+)", told)
        if found is None or int(found[1]) < server:
            raise SettingError(
                f"{name} is older than the server, PostgreSQL {server}: "
                f"install its client programs (Debian: postgresql-client-{server})"
            )


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise SettingError(f"{name} is not here: install PostgreSQL's client programs (postgresql-client)")
    return found


def _complaint(program: str, stderr: str) -> str:
    """The program's own lines; what it quotes of the data stands in others."""
    lines = [line for line in stderr.splitlines() if line.startswith(f"{program}: error:")]
    return lines[0] if lines else f"{program} failed"
