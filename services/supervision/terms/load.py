"""From terms.csv and lights.csv into the tables. A row that contradicts itself stops the start, named.

Safe to repeat. A row that is no longer in the file stays in the table: clocks ran by it.
"""

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.supervision.terms.models import DutyTerm, LightRule, Office
from services.supervision.terms.rules import (
    GIVEN_DATE,
    LIGHT_UNITS,
    MARKS,
    ROUNDS,
    STARTS,
    STOPS,
    UNITS,
    WARNING_LIGHTS,
)
from shared.contracts.intake import CATEGORIES, ORGANS, PROCEDURES, SIGNATURES
from shared.contracts.supervision import DUTIES
from shared.county import County
from shared.county.files import Entry, read_csv
from shared.errors import SettingError

FOLDER = Path(__file__).parent
LISTS = {"organs": ORGANS, "categories": CATEGORIES, "procedures": PROCEDURES, "signatures": SIGNATURES}
COLUMNS = tuple(c.key for c in DutyTerm.__table__.columns if c.key != "id")
LIGHT_COLUMNS = tuple(c.key for c in LightRule.__table__.columns if c.key != "id")
PETITION_OFFICE = "petition-office"


def load_terms(session: Session, county: County, folder: Path = FOLDER) -> bool:
    """Load terms, lights and the petition office; returns whether the lights changed.

    Raises SettingError that names the file and the line.
    """
    for entry in read_csv(folder / "terms.csv", COLUMNS):
        values = _term(entry)
        known = session.scalar(
            select(DutyTerm).where(
                DutyTerm.code == values["code"], DutyTerm.effective_from == values["effective_from"]
            )
        )
        if known is None:
            session.add(DutyTerm(**values))
        else:
            for name, value in values.items():
                setattr(known, name, value)
        session.flush()
    office = county.units_of(PETITION_OFFICE)[0]
    session.merge(Office(kind=PETITION_OFFICE, code=office.code))
    return _load_lights(session, [_light(entry) for entry in read_csv(folder / "lights.csv", LIGHT_COLUMNS)])


def _load_lights(session: Session, rows: list[dict[str, Any]]) -> bool:
    known = session.scalars(select(LightRule).order_by(LightRule.id)).all()
    if [{name: getattr(rule, name) for name in LIGHT_COLUMNS} for rule in known] == rows:
        return False
    session.execute(delete(LightRule))
    session.add_all(LightRule(**row) for row in rows)
    session.flush()
    return True


def _term(entry: Entry) -> dict[str, Any]:
    duty = _one_of(entry, "duty", DUTIES)
    unit = _one_of(entry, "unit", UNITS)
    values: dict[str, Any] = {name: _several(entry, name, allowed) for name, allowed in LISTS.items()}
    values |= {name: entry.text(name) for name in ("code", "source", "article", "note")}
    stops = _several(entry, "stops_with", STOPS[duty])
    if set(stops) != set(STOPS[duty]):
        raise SettingError(f"{entry.where}: `stops_with` must be {'|'.join(STOPS[duty])}.")
    extension = _text(entry, "extension_unit")
    return values | {
        "duty": duty,
        "superior_assigned": _yes_or_no(entry),
        "rounds": _one_of(entry, "rounds", ROUNDS) if _text(entry, "rounds") else None,
        "unit": unit,
        "length": None if unit == GIVEN_DATE else _number(entry, "length"),
        "starts_with": _one_of(entry, "starts_with", STARTS[duty]),
        "stops_with": stops,
        "extension_unit": _one_of(entry, "extension_unit", UNITS[:3]) if extension else None,
        "extension_length": _number(entry, "extension_length") if extension else None,
        "extensions": _number(entry, "extensions") if extension else 0,
        "effective_from": _day(entry),
        "mark": _one_of(entry, "mark", MARKS),
    }


def _light(entry: Entry) -> dict[str, Any]:
    return {
        "light": _one_of(entry, "light", WARNING_LIGHTS),
        "duty": _one_of(entry, "duty", DUTIES) if _text(entry, "duty") else None,
        "unit": _one_of(entry, "unit", LIGHT_UNITS),
        "length": _number(entry, "length"),
        "source": entry.text("source"),
        "mark": _one_of(entry, "mark", MARKS),
    }


def _text(entry: Entry, key: str) -> str:
    return str(entry.values[key]).strip()


def _one_of(entry: Entry, key: str, allowed: tuple[str, ...]) -> str:
    value = entry.text(key)
    if value not in allowed:
        raise SettingError(f"{entry.where}: `{key}` is {value}; use one of {', '.join(allowed)}.")
    return value


def _several(entry: Entry, key: str, allowed: tuple[str, ...]) -> list[str]:
    values = [value for value in _text(entry, key).split("|") if value]
    for value in values:
        if value not in allowed:
            raise SettingError(f"{entry.where}: `{key}` has {value}; use {', '.join(allowed)}, joined by |.")
    return values


def _yes_or_no(entry: Entry) -> bool | None:
    value = _text(entry, "superior_assigned")
    if value not in ("", "yes", "no"):
        raise SettingError(f"{entry.where}: `superior_assigned` must be yes, no or empty (both).")
    return {"yes": True, "no": False}.get(value)


def _number(entry: Entry, key: str) -> int:
    value = entry.text(key)
    if not value.isdecimal() or not 1 <= int(value) <= 9999:
        raise SettingError(f"{entry.where}: `{key}` must be a whole number from 1 on.")
    return int(value)


def _day(entry: Entry) -> date:
    try:
        return date.fromisoformat(entry.text("effective_from"))
    except ValueError as error:
        raise SettingError(f"{entry.where}: `effective_from` must be a date like 2026-01-01.") from error
