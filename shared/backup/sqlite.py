"""One service's SQLite file for backup and restore."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from shared.backup.manifest import Part, part_of
from shared.errors import SettingError
from shared.runtime.service import Instance

SUFFIX = "db"
WAIT_SECONDS = 60.0


class SqliteStore:
    """The file of one service. Backup: `hold` on all services, `freeze` on all, `let_go`, then `dump`."""

    def __init__(self, instance: Instance) -> None:
        self.service = instance.service.name
        database = instance.db.engine.url.database
        assert database is not None
        self._file = Path(database)
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None

    def hold(self) -> None:
        """Keep every writer waiting, so that no event gets a position or is taken in."""
        self._writer = self._connect()
        self._writer.execute("BEGIN IMMEDIATE")

    def freeze(self) -> None:
        """Fix what will be dumped."""
        self._reader = self._connect()
        self._reader.execute("BEGIN")
        self._reader.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the snapshot is taken here

    def let_go(self) -> None:
        """Let the writers go on."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def dump(self, directory: Path) -> Part:
        """Write what was frozen."""
        assert self._reader is not None
        versions = [row[0] for row in self._reader.execute("SELECT version_num FROM alembic_version")]
        position = self._reader.execute("SELECT coalesce(max(position), 0) FROM outbox").fetchone()[0]
        file = directory / f"{self.service}.{SUFFIX}"
        with closing(sqlite3.connect(file, isolation_level=None)) as copy:
            self._reader.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
        file.chmod(0o600)
        return part_of(file, versions, position)

    def close(self) -> None:
        """Give everything back, also after an error."""
        self.let_go()
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def in_use(self) -> int:
        """Never told by the file: the folder's lock says it."""
        return 0

    def is_empty(self) -> bool:
        """Whether nothing would be lost by a restore."""
        return not self._file.exists() or self._file.stat().st_size == 0

    def empty(self) -> None:
        """Remove all that is in it."""
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._file}{suffix}").unlink(missing_ok=True)

    def load(self, directory: Path, part: Part) -> None:
        """Take what a backup has; the database is empty before."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._file.with_suffix(".restoring")
        shutil.copyfile(directory / part.file, unfinished)
        unfinished.rename(self._file)

    def _connect(self) -> sqlite3.Connection:
        try:
            uri = f"{self._file.resolve().as_uri()}?mode=rw"
            return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=WAIT_SECONDS)
        except sqlite3.OperationalError as error:
            raise SettingError(
                f"{self.service} has no database under DATA_DIR: is DATA_DIR that of the installation?"
            ) from error
