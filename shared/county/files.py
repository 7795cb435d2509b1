"""The three files of a county's folder as plain entries, each of which knows where it stands.

An error names the file and the line or key, so that whoever wrote the file finds the place.
"""

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from shared.errors import SettingError


@dataclass(frozen=True)
class Entry:
    """One line of a table or one table of the TOML file; `where` says which, for messages."""

    where: str
    values: Mapping[str, Any]

    def text(self, key: str) -> str:
        """A text that must be there and not be empty."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            raise SettingError(f"{self.where}: `{key}` is missing or not a text; write {key} in.")
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        """Several texts; none when it is not there."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise SettingError(f'{self.where}: `{key}` must be a list of codes like ["supervisor-1"].')
        return tuple(value)

    def rows(self, key: str) -> tuple[tuple[str, ...], ...]:
        """Rows of texts; none when it is not there."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
            raise SettingError(f'{self.where}: `{key}` must be a list of rows like [["", "420324107"]].')
        if not all(isinstance(each, str) for row in value for each in row):
            raise SettingError(f'{self.where}: `{key}` must hold codes in quotation marks, "" for no place.')
        return tuple(tuple(row) for row in value)

    def flag(self, key: str) -> bool:
        """true or false; false when it is not there."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise SettingError(f"{self.where}: `{key}` must be true or false, without quotation marks.")
        return value

    def day(self, key: str) -> date:
        """A date that must be there."""
        value = self.values.get(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise SettingError(
                f"{self.where}: `{key}` must be a date like 2026-01-01, without quotation marks."
            )
        return value

    def only(self, allowed: Iterable[str]) -> None:
        """Refuse a key that nobody would read, as a misspelt one is."""
        known = sorted(allowed)
        unknown = sorted(set(self.values) - set(known))
        if unknown:
            raise SettingError(
                f"{self.where}: `{unknown[0]}` is not known here; use {', '.join(known)} only."
            )


def read_csv(path: Path, columns: tuple[str, ...]) -> list[Entry]:
    """The lines of a UTF-8 file whose first line names exactly these columns; empty lines are skipped."""
    reader = csv.reader(io.StringIO(_read(path)))
    header = [name.strip() for name in next(reader, [])]
    if sorted(header) != sorted(columns):
        raise SettingError(f"{path.name}, line 1: the columns must be {','.join(columns)}.")
    entries = []
    for line in reader:
        where = f"{path.name}, line {reader.line_num}"
        if not any(value.strip() for value in line):
            continue
        if len(line) != len(header):
            raise SettingError(f"{where}: has {len(line)} values, needs {len(header)}; mend the commas.")
        entries.append(Entry(where, dict(zip(header, line, strict=True))))
    return entries


def read_toml(path: Path) -> Entry:
    """The whole TOML file as one entry."""
    try:
        return Entry(path.name, tomllib.loads(_read(path)))
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"{path.name} is not valid TOML: {error}. Mend it there.") from error


def tables(document: Entry, key: str) -> list[Entry]:
    """The list of tables under a key; each is known by its place and, where it has one, its code."""
    listed = document.values.get(key)
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise SettingError(f"{document.where}: `{key}` must be a list of tables like {{ code = ... }}.")
    return [
        Entry(f"{document.where}, {key} no. {place} ({each.get('code', 'without code')})", each)
        for place, each in enumerate(listed, 1)
    ]


def one_table(document: Entry, key: str) -> Entry:
    """The one table under a key."""
    found = document.values.get(key)
    if not isinstance(found, dict):
        raise SettingError(f'{document.where}: `{key}` must be a table like {{ ... = "..." }}; write it in.')
    return Entry(f"{document.where}, {key}", found)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingError(f"{path.name} is not in UTF-8; save it as UTF-8.") from error
    except OSError as error:
        raise SettingError(
            f"{path.name} cannot be read in the county's folder; put it there or correct COUNTY_DIR."
        ) from error
