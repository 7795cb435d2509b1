"""Column types and naming that every service's tables share, and inserts that take a conflict."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Executable, Integer, MetaData, TypeDecorator, Uuid
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session

# SQLite counts up by itself only in a column of exactly INTEGER.
BigKey = BigInteger().with_variant(Integer, "sqlite")
Json = JSON().with_variant(JSONB, "postgresql")


class Moment(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its offset")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_metadata() -> MetaData:
    """Metadata with fixed constraint names, so that alembic can name what it alters."""
    return MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


TYPES: dict[Any, Any] = {datetime: Moment(), UUID: Uuid(), dict[str, Any]: Json, list[str]: Json}


def insert_into(session: Session, table: type[DeclarativeBase]) -> postgresql.Insert | sqlite.Insert:
    """An insert of the session's own database, which knows `on_conflict_...`: for what is written seldom, or
    by the session itself, so that the ledger sees it. What the loops write all the time: `for_database`.
    """
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    return postgresql.insert(table) if is_postgresql else sqlite.insert(table)


InsertInto = Callable[[type[DeclarativeBase]], Any]  # postgresql.insert or sqlite.insert, which are alike


def for_database(session: Session, make: Callable[[InsertInto], Executable]) -> Executable:
    """What `make` makes of an `insert` that knows `on_conflict_...`, of the session's own database.

    Made once: to put a statement together takes as long as to run it. `make` is a function of a module.
    """
    return _made(session.get_bind().dialect.name, make)


@cache
def _made(dialect: str, make: Callable[[InsertInto], Executable]) -> Executable:
    return make(postgresql.insert if dialect == "postgresql" else sqlite.insert)


class SharedBase(DeclarativeBase):
    """Base of the tables that shared code brings into every service's database."""

    metadata = new_metadata()
    type_annotation_map = TYPES
