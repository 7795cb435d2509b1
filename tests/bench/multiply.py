"""Makes many petitions out of few: every row that belongs to a petition, in every table of every service,
once more for each copy, with ids, numbers and dates of its own. Done by PostgreSQL itself.

Nothing here names a table or a column but those whose texts are varied: what is a petition's is found by its
ids, from the SQLAlchemy models and the rows. So a new table or column is multiplied too, or fails loudly.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Date, DateTime, Table, Uuid, select, text
from sqlalchemy.types import JSON, String

from shared.db.base import Moment
from shared.db.inbox import Inbox
from shared.db.outbox import Outbox
from shared.runtime.service import Instance, Service

NOT_A_MATTER = {"outbox", "inbox", "catch_up_cursor", "last_word", "loop_state", "account", "number_series"}
OF_COPY = {"petition.title": "c.title", "petition.place": "c.place", "petition.text": "t.text || c.words"}
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NUMBER = re.compile(r"ZX\d{4}-\d{6}")
DIGEST = re.compile(r"[0-9a-f]{64}")
_CONSTRAINTS = """
    SELECT conname, pg_get_constraintdef(c.oid) FROM pg_constraint c WHERE conrelid = to_regclass(:table)
    AND contype IN ('p', 'u') AND NOT EXISTS (SELECT FROM pg_constraint r WHERE r.confrelid = c.conrelid)"""
_INDEXES = """
    SELECT c.relname, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indexrelid
    WHERE indrelid = to_regclass(:table)
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))"""
Owners = dict[UUID, UUID]  # an id -> the petition that it belongs to


@dataclass(frozen=True)
class Copy:
    """One petition to be made from a template: when it happened (days earlier) and what it is about."""

    template: UUID
    template_number: str
    salt: str
    days: int
    number: str
    title: str
    place: str
    words: str


COPY_TYPES = {"UUID": "uuid", "int": "integer", "str": "text"}


def owners_of(instances: Iterable[Instance], petitions: Iterable[UUID]) -> Owners:
    """Every id that belongs to one of these petitions, through however many tables and services."""
    owners = {petition: petition for petition in petitions}
    rows = [found for instance in instances for found in _rows_with_ids(instance)]
    before = 0
    while len(owners) > before:
        before = len(owners)
        for key, ids in rows:
            owner = next((owners[id_] for id_ in ids if id_ in owners), None)
            if owner and key:
                owners.setdefault(key, owner)
    return owners


def _rows_with_ids(instance: Instance) -> list[tuple[UUID | None, list[UUID]]]:
    """Each row's own id, where it is one, and all ids in it."""
    found = []
    with instance.db.read() as session:
        for table in tables_of(instance.service):
            ids = [column for column in table.columns if isinstance(column.type, Uuid)]
            if not ids:
                continue
            keys = list(table.primary_key.columns)
            place = ids.index(keys[0]) if len(keys) == 1 and keys[0] in ids else None
            for row in session.execute(select(*ids)):
                found.append((None if place is None else row[place], [id_ for id_ in row if id_]))
    return found


def tables_of(service: Service) -> list[Table]:
    """The tables that may hold something of a petition."""
    tables = [table for metadata in service.all_metadata for table in metadata.sorted_tables]
    return [table for table in tables if table.name not in NOT_A_MATTER]


def take_over(small: Instance, large: Instance) -> None:
    """Everything of a service on SQLite into its database on PostgreSQL."""
    with small.db.read() as session, large.db.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in (table for metadata in small.service.all_metadata for table in metadata.sorted_tables):
            connection.execute(table.delete())
            if rows := [dict(row._mapping) for row in session.execute(select(table))]:
                connection.execute(table.insert(), rows)
            if (key := table.autoincrement_column) is not None and rows:
                last = f'SELECT max({key.name}) FROM "{table.name}"'
                counter = f"pg_get_serial_sequence('\"{table.name}\"', '{key.name}')"
                connection.execute(text(f"SELECT setval({counter}, ({last}))"))


def multiply(instance: Instance, owners: Owners, copies: Sequence[Copy]) -> int:
    """Make the copies in one service's database; returns how many rows."""
    with instance.db.engine.begin() as connection:
        connection.execute(
            text("SET LOCAL session_replication_role = replica")
        )  # no foreign keys, no triggers
        _take_time(connection)
        _bring(connection, owners, copies)
        return sum(_multiply(connection, table, owners) for table in tables_of(instance.service))


def multiply_boxes(instance: Instance, times: int) -> None:
    """So many times more events in outbox and inbox, sent and handled, earlier each time; without bodies."""
    for model in (Outbox, Inbox):
        table = model.__table__
        columns = [c for c in table.columns if c is not table.autoincrement_column or c.name == "id"]
        special = {
            "id": "md5(t.id || k)::uuid::text",
            "body": "'{}'",
            "position": "-(t.position + CAST(k AS bigint) * 1000000)",
        }
        days = "- k % 1000 * interval '1 day'"
        values = [
            special.get(c.name) or (f"t.{c.name} {days}" if isinstance(c.type, Moment) else f"t.{c.name}")
            for c in columns
        ]
        with instance.db.engine.begin() as connection:
            _take_time(connection)
            filled = (
                f"INSERT INTO {table.name} ({', '.join(_quoted(columns))}) SELECT {', '.join(values)} "
                f"FROM {table.name} t CROSS JOIN generate_series(1, :times) k"
            )
            with _without_indexes(connection, table.name):
                connection.execute(text(filled), {"times": times})


def _take_time(connection: Connection) -> None:
    for name, value in (("statement_timeout", "0"), ("work_mem", "256MB"), ("maintenance_work_mem", "512MB")):
        connection.execute(text(f"SET LOCAL {name} = '{value}'"))


@contextmanager
def _without_indexes(connection: Connection, table: str) -> Iterator[None]:
    """Make a table's indexes anew at the end: row by row they would take longer than all else.

    A key to which another table refers stays.
    """
    constraints = connection.execute(text(_CONSTRAINTS), {"table": table}).all()
    indexes = connection.execute(text(_INDEXES), {"table": table}).all()
    for name, _definition in constraints:
        connection.execute(text(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"'))
    for name, _definition in indexes:
        connection.execute(text(f'DROP INDEX "{name}"'))
    yield
    for name, definition in constraints:
        connection.execute(text(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}'))
    for _name, definition in indexes:
        connection.execute(text(definition))


def _bring(connection: Connection, owners: Owners, copies: Sequence[Copy]) -> None:
    temporary = "CREATE TEMPORARY TABLE {} ({}) ON COMMIT DROP"
    connection.execute(text(temporary.format("owned", "id uuid PRIMARY KEY, petition uuid")))
    columns = ", ".join(f"{f.name} {COPY_TYPES[getattr(f.type, '__name__', f.type)]}" for f in fields(Copy))
    connection.execute(text(temporary.format("copy", columns)))
    cursor = connection.connection.cursor()
    with cursor.copy("COPY owned FROM STDIN") as rows:
        for pair in owners.items():
            rows.write_row(pair)
    with cursor.copy("COPY copy FROM STDIN") as rows:
        for each in copies:
            rows.write_row([getattr(each, f.name) for f in fields(Copy)])
    connection.execute(text("ANALYZE owned, copy"))


def _multiply(connection: Connection, table: Table, owners: Owners) -> int:
    rows = [row for row in connection.execute(select(table)) if _owned(row, owners)]
    link = next((c for c in table.columns if rows and all(_at(row, c) in owners for row in rows)), None)
    if link is None:
        assert not rows, f"{table.name}: no column says for each row to which petition it belongs"
        return 0
    written = [c for c in table.columns if c is not table.autoincrement_column or isinstance(c.type, Uuid)]
    values = [_value(table, column, rows, owners) for column in written]
    keys = ", ".join(f't."{key.name}"' for key in table.primary_key.columns)
    with _without_indexes(connection, table.name):
        done = connection.execute(
            text(
                f'INSERT INTO "{table.name}" ({", ".join(_quoted(written))}) SELECT {", ".join(values)} '
                f'FROM "{table.name}" t JOIN owned o ON o.id = t."{link.name}" '
                f"JOIN copy c ON c.template = o.petition ORDER BY c.number, {keys}"
            )
        )
    return done.rowcount


def _owned(row: Any, owners: Owners) -> bool:
    return any(isinstance(value, UUID) and value in owners for value in row)


def _at(row: Any, column: Column[Any]) -> Any:
    return row._mapping[column]


def _quoted(columns: Iterable[Column[Any]]) -> list[str]:
    return [f'"{column.name}"' for column in columns]


def _value(table: Table, column: Column[Any], rows: Sequence[Any], owners: Owners) -> str:
    """The SQL of a column's value in a copy (c), from the template's row (t)."""
    name, kind = f't."{column.name}"', column.type
    if varied := OF_COPY.get(f"{table.name}.{column.name}"):
        return varied
    given = [_at(row, column) for row in rows if _at(row, column) is not None]
    if isinstance(kind, Uuid):
        own = [value in owners for value in given]
        assert all(own) or not any(own), f"{table.name}.{column.name}: some ids are a petition's, some not"
        return _new_id(name) if own and own[0] else name
    if isinstance(kind, Date):
        return f"{name} - c.days"
    if isinstance(kind, DateTime | Moment):
        return f"{name} - c.days * interval '1 day'"
    if isinstance(kind, JSON):
        return f"replace({name}::text, c.template_number, c.number)::jsonb" if given else name
    return _text(name, column, rows, table) if isinstance(kind, String) and given else name


def _text(name: str, column: Column[Any], rows: Sequence[Any], table: Table) -> str:
    """A text with the number, ids and date in it that are the copy's."""
    given = [_at(row, column) for row in rows if _at(row, column) is not None]
    if all(DIGEST.fullmatch(value) for value in given):
        return f"md5({name} || c.salt) || md5(c.salt || {name})"
    if any(UUID_TEXT.fullmatch(value) for value in given):
        return f"CASE WHEN length({name}) = 36 THEN {_new_id(name)}::text ELSE {name} END"
    written = f"replace({name}, c.template_number, c.number)" if any(map(NUMBER.search, given)) else name
    for other in table.columns:
        ids = [(_at(row, other), _at(row, column)) for row in rows]
        if any(isinstance(id_, UUID) and id_.hex in (value or "") for id_, value in ids):
            own = f't."{other.name}"'
            written = f"replace({written}, {_digits(own)}, {_digits(_new_id(own))})"
    return _with_date(written, column, rows, table)


def _with_date(written: str, column: Column[Any], rows: Sequence[Any], table: Table) -> str:
    for other in table.columns:
        for pattern, length in (("YYYY-MM-DD", 10), ("YYYY-MM", 7)):
            days = [(_day(_at(row, other))[:length], _at(row, column)) for row in rows if _at(row, column)]
            if days and all(day and day in value for day, value in days):
                zone = "" if isinstance(other.type, Date) else " AT TIME ZONE 'UTC'"
                old = f't."{other.name}"{zone}'
                moved = f"to_char({old} - c.days * interval '1 day', '{pattern}')"
                return f"replace({written}, to_char({old}, '{pattern}'), {moved})"
    return written


def _new_id(name: str) -> str:
    return f"md5({name}::text || c.salt)::uuid"


def _digits(id_: str) -> str:
    return f"replace({id_}::text, '-', '')"


def _day(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else ""
