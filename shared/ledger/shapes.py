"""Which tables the ledger watches, and how a row of each is named and digested.

Every table of a service itself is watched, unless its `info` says {"ledger": False}: what can be made again
from other rows. A table that shared code brings is watched only where its `info` says {"ledger": True}, or
names the columns that count, the key first: the rest of them is machinery (inbox, cursors, counters).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Boolean, Column, Integer, MetaData, Table, Uuid, inspect
from sqlalchemy.orm import DeclarativeBase

from shared.db.base import SharedBase
from shared.ledger.digests import Digests

MATTERS = ("petition_id", "case_id", "import_id", "letter_id")  # what a row may belong to


@dataclass(frozen=True, eq=False)
class Shape:
    """One watched table."""

    table: Table
    key: tuple[Column[Any], ...]
    columns: tuple[Column[Any], ...]
    is_fixed: bool  # only its inserts count: what is changed later is none of the columns
    attributes: dict[str, str] = field(default_factory=dict)  # column -> attribute of the mapped class

    @property
    def name(self) -> str:
        return self.table.name

    def key_of(self, values: Mapping[str, Any], digests: Digests) -> str:
        """How the ledger names a row: ids and numbers as they are, texts by their keyed digest."""
        parts = []
        for column in self.key:
            value = values[column.name]
            is_plain = self.is_fixed or isinstance(column.type, Uuid | Integer | Boolean)
            parts.append(str(value) if is_plain else digests.of_key(value))
        return "/".join(parts)

    def matter_of(self, values: Mapping[str, Any]) -> str | None:
        """The id of what a row belongs to, where its key does not say it."""
        named = {column.name for column in self.key}
        for name in MATTERS:
            if name not in named and values.get(name) is not None:
                return str(values[name])
        return None


def shape_of(table: Table) -> Shape | None:
    """How a table is watched; None where it is not."""
    return _shape(table)


@cache
def shape_of_class(model: type[DeclarativeBase]) -> Shape | None:
    """The same for a mapped class, with the names of its attributes."""
    mapper = inspect(model)
    assert isinstance(mapper.local_table, Table)
    found = _shape(mapper.local_table)
    if found is None:
        return None
    for column in (*found.key, *found.columns):
        found.attributes[column.name] = mapper.get_property_by_column(column).key
    return found


def shapes_of(metadatas: Iterable[MetaData]) -> list[Shape]:
    """All watched tables, by name."""
    tables = [table for metadata in metadatas for table in metadata.tables.values()]
    found = [_shape(table) for table in sorted(tables, key=lambda table: table.name)]
    return [shape for shape in found if shape is not None]


@cache
def _shape(table: Table) -> Shape | None:
    told = table.info.get("ledger", table.metadata is not SharedBase.metadata)
    if told is False:
        return None
    if told is True:
        return Shape(table, tuple(table.primary_key.columns), tuple(table.columns), is_fixed=False)
    columns = tuple(table.c[name] for name in told)
    return Shape(table, columns[:1], columns, is_fixed=True)
