"""Takes a backup of all services at one moment, while they go on working.

While the relay's lock of every service is held, no event gets a position, is published or can be fetched.
What is frozen then is of one moment in the only sense that counts: whatever one service has heard, the
backup of the one who said it has too. What was said and not yet heard is caught up with after a restore.
"""

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from shared import clock
from shared.backup import manifest
from shared.backup.manifest import Manifest
from shared.backup.postgresql import PostgresStore, check_programs
from shared.backup.sqlite import SqliteStore
from shared.errors import SettingError
from shared.runtime.service import Instance

Store = PostgresStore | SqliteStore


def stores_of(instances: Sequence[Instance]) -> list[Store]:
    """The databases of all services. Raises SettingError where one address would stand for several."""
    addresses = {instance.db.engine.url for instance in instances}
    if len(addresses) < len(instances):
        raise SettingError(
            "all services' databases are needed: write DATABASE_URL with `{service}` in the place of the "
            "service's name; passwords that differ stand in PGPASSFILE"
        )
    stores = [SqliteStore(each) if each.db.is_sqlite else PostgresStore(each) for each in instances]
    for store in stores:
        if isinstance(store, PostgresStore):
            check_programs(store)
            break
    return stores


def take_backup(instances: Sequence[Instance], directory: Path) -> Manifest:
    """Write a backup of all services into a folder that is empty or is made.

    Raises SettingError saying what to do; what was written is then removed.
    """
    stores = stores_of(instances)
    _make(directory)
    try:
        return _take(instances, stores, directory)
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise SettingError(
            f"the backup broke off ({type(error).__name__}): do all databases answer, are they migrated, "
            "and has the disk space for them?"
        ) from error
    finally:
        for store in stores:
            store.close()
        if not (directory / manifest.NAME).exists():
            with suppress(OSError):
                shutil.rmtree(directory)


def _take(instances: Sequence[Instance], stores: Sequence[Store], directory: Path) -> Manifest:
    with ExitStack() as held:
        for store in stores:  # always in the same order: two backups must not wait for each other in a ring
            store.hold()
            held.callback(store.let_go)
        made_at = clock.now()
        for store in stores:
            store.freeze()
    parts = {store.service: store.dump(directory) for store in stores}
    taken = Manifest(
        made_at=made_at.isoformat(timespec="milliseconds"),
        huajie=manifest.huajie_version(),
        agency=instances[0].settings.agency,
        database="sqlite" if isinstance(stores[0], SqliteStore) else "postgresql",
        services=parts,
    )
    manifest.write(taken, directory)
    return taken


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        directory.chmod(0o700)
        is_empty = not any(directory.iterdir())
    except OSError as error:
        raise SettingError(f"the folder cannot be written ({type(error).__name__}): name another") from error
    if not is_empty:
        raise SettingError("the folder is not empty: give each backup a folder of its own")
