"""Puts all services back to the moment of a backup, and only all of them.

First everything is looked at, then the queues and the databases are emptied, then they are filled: a restore
that breaks off leaves empty databases, never some of one moment and some of another.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic, sleep

from kombu.exceptions import OperationalError as BusError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared.backup import manifest
from shared.backup.manifest import Manifest
from shared.backup.take import Store, stores_of
from shared.bus.connection import connect
from shared.bus.topology import inbox_name
from shared.db.migrate import known_versions
from shared.errors import SettingError
from shared.runtime.service import Instance

# Positions given after the moment of the backup are lost with it. The next ones begin far above: a peer of
# another agency, whose cursor stands at a lost one, would else pass over events that are given it again.
GAP = 10**9
LEAVING_SECONDS = 5.0  # a server needs a moment to see that a client has gone


def restore(
    instances: Sequence[Instance], directory: Path, *, replace: bool, say: Callable[[str], None]
) -> Manifest:
    """Restore all services. `replace`: what the databases hold now is given up.

    Raises SettingError before anything is touched where the backup does not fit, something runs, the bus
    does not answer, or data would be lost.
    """
    taken = manifest.read(directory)
    stores = stores_of(instances)
    _check_fit(taken, instances)
    for instance in instances:
        instance.db.close()  # connections of our own would be taken for those of a running service
    try:
        _check_stores(stores, replace)
        emptied = _empty_queues(instances)
        say(f"{emptied} messages removed from the queues")
        for store in stores:
            store.empty()
        for store in stores:
            store.load(directory, taken.services[store.service])
            say(f"{store.service}: restored")
        for instance in instances:
            _leave_gap(instance)
    except (SQLAlchemyError, OSError) as error:
        raise SettingError(
            f"the restore broke off ({type(error).__name__}): do all databases answer, and has their disk "
            "space? Mend it and restore again with --replace; start nothing before"
        ) from error
    return taken


def _check_fit(taken: Manifest, instances: Sequence[Instance]) -> None:
    agency, kind = instances[0].settings.agency, "sqlite" if instances[0].db.is_sqlite else "postgresql"
    if taken.agency != agency:
        raise SettingError(f"this backup is of the agency {taken.agency!r}, this installation is {agency!r}")
    if taken.database != kind:
        raise SettingError(f"this backup is of {taken.database} databases, this installation is on {kind}")
    if missing := {each.service.name for each in instances} - set(taken.services):
        raise SettingError(f"this backup lacks {', '.join(sorted(missing))}: take another backup")
    for instance in instances:
        versions = set(taken.services[instance.service.name].versions)
        if not versions <= known_versions(instance.service):
            raise SettingError(
                f"{instance.service.name}: this backup is of a newer version than this code, {taken.huajie}: "
                "install that version"
            )


def _check_stores(stores: Sequence[Store], replace: bool) -> None:
    if used := _used(stores):
        shown = ", ".join(f"{name} ({count})" for name, count in used.items())
        raise SettingError(f"these databases are in use, by so many connections: {shown}. Stop all services")
    full = [store.service for store in stores if not store.is_empty()]
    if full and not replace:
        raise SettingError(
            f"{', '.join(full)}: the database is not empty. With --replace what it holds is given up"
        )


def _used(stores: Sequence[Store]) -> dict[str, int]:
    """By how many others each database is in use, after those who are just leaving have left."""
    until = monotonic() + LEAVING_SECONDS
    while used := {store.service: count for store in stores if (count := store.in_use())}:
        if monotonic() > until:
            break
        sleep(0.2)
    return used


def _empty_queues(instances: Sequence[Instance]) -> int:
    """Remove what lies in the queues, which may be newer than the backup; returns how many messages."""
    settings = instances[0].settings
    if settings.is_embedded:
        return 0  # they end with the process
    emptied = 0
    try:
        with connect(settings.bus_url) as connection:
            connection.ensure_connection(max_retries=1, timeout=5)
            for instance in instances:
                with connection.channel() as channel:
                    try:
                        emptied += channel.queue_purge(inbox_name(settings.agency, instance.service.name))
                    except connection.channel_errors:
                        continue  # a new bus: the worker declares its queue
    except (OSError, BusError) as error:
        raise SettingError(
            f"the bus does not answer ({type(error).__name__}), and what lies in its queues must be removed: "
            "start RabbitMQ (it may be a new one), look at BUS_URL"
        ) from error
    return emptied


def _leave_gap(instance: Instance) -> None:
    with instance.db.write() as session:
        session.execute(
            text(
                "UPDATE outbox SET position = position + :gap "
                "WHERE position = (SELECT max(position) FROM outbox)"
            ),
            {"gap": GAP},
        )
