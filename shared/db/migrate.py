"""Migrations of a service's database by alembic, on SQLite and PostgreSQL alike."""

from functools import cache
from pathlib import Path
from typing import Any, Literal

from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData

from shared.db.engine import Database
from shared.errors import SettingError
from shared.runtime.service import Service

FOREIGN = (
    "the database holds tables of another service or of a newer version: give each service a database of "
    "its own (`{service}` in DATABASE_URL is replaced by its name), or install the version that made it. A "
    "trial from before the first release is begun anew: `huajie run --fresh`"
)


def upgrade(service: Service, db: Database) -> None:
    """Bring the database to the newest version of the service's tables. Raises SettingError for a foreign."""
    if is_foreign(service, db):
        raise SettingError(FOREIGN)
    with db.engine.connect() as connection:
        command.upgrade(_config(service, connection), "head")
        connection.commit()


def new_revision(service: Service, db: Database, message: str) -> None:
    """Write a new migration from the difference between the tables declared and the database."""
    upgrade(service, db)
    with db.engine.connect() as connection:
        command.revision(_config(service, connection), message=message, autogenerate=True)


def pending(service: Service, db: Database) -> bool:
    """Whether the database is behind the code."""
    return _versions(db) != set(_script(service).get_heads())


def is_foreign(service: Service, db: Database) -> bool:
    """Whether the database is at a version that this service's migrations do not know."""
    return not _versions(db) <= known_versions(service)


def known_versions(service: Service) -> set[str]:
    """All versions of the service's tables that its migrations know."""
    return {revision.revision for revision in _script(service).walk_revisions()}


def is_behind(service: Service, db: Database) -> bool:
    """Whether the database is older than the code.

    A newer one is none: during an upgrade the processes of the version before go on beside it.
    """
    known, heads = _of_code(service)
    present = _versions(db)
    return not present or (present <= known and present != heads)


@cache
def _of_code(service: Service) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(known_versions(service)), frozenset(_script(service).get_heads())


def _script(service: Service) -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(service, None))


def _versions(db: Database) -> set[str]:
    with db.engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads())


def differences(service: Service, db: Database) -> list[Any]:
    """What the declared tables have that the migrated database lacks, or the other way round."""
    with db.engine.connect() as connection:
        options = {"compare_type": True, "render_as_batch": True}
        migration = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(migration, _joined(service)))


def run_env() -> None:
    """What alembic/env.py calls."""
    config = context.config
    context.configure(
        connection=config.attributes["connection"],
        target_metadata=config.attributes["metadata"],
        render_as_batch=True,
        compare_type=True,
        render_item=_render_item,
        user_module_prefix="shared.db.base.",
    )
    with context.begin_transaction():
        context.run_migrations()


def _render_item(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    # Types of our own are written by what they are in the database: a migration never changes later.
    if kind == "type" and type(item).__name__ == "Moment":
        return "sa.DateTime(timezone=True)"
    if kind == "type" and type(item).__name__ == "JSON":
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    if kind == "type" and type(item).__name__ == "BigInteger" and item._variant_mapping:
        return "sa.BigInteger().with_variant(sa.Integer(), 'sqlite')"
    return False


def _config(service: Service, connection: Connection | None) -> Config:
    config = Config()
    _set(config, "script_location", Path(__file__).parent / "alembic")
    _set(config, "version_locations", service.directory / "migrations")
    _set(config, "path_separator", "newline")
    _set(config, "file_template", "%(year)d%(month).2d%(day).2d_%(slug)s")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = service.all_metadata
    return config


def _set(config: Config, name: str, value: object) -> None:
    config.set_main_option(name, str(value).replace("%", "%%"))  # configparser's own sign


def _joined(service: Service) -> MetaData:
    joined = MetaData(naming_convention=service.metadata.naming_convention)
    for metadata in service.all_metadata:
        for table in metadata.tables.values():
            table.to_metadata(joined)
    return joined
