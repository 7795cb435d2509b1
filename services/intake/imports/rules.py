"""What an import does with a cleaned row: which petition it makes, what is wrong with it, when it is known.

Pure: no database. The rules of a petition itself are those of registration.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from services.intake.identities.rules import Person
from services.intake.identities.vault import Hashes
from services.intake.imports.cells import CleanRow, Lookups, Problem
from services.intake.imports.columns import column_label
from services.intake.registration.rules import NewPetition, fault_of_date, faults, faults_of_source
from shared.contracts.intake import CATEGORIES
from shared.county import County
from shared.errors import N_, Invalid

PIECE = 2**20
"""Bytes of a piece in which a file is stored."""
KEPT = timedelta(days=30)
"""How long a file and its refused rows are kept once the import is done: time to mend and to ask back."""
SCREENED_AS = tuple(category for category in CATEGORIES if category != "out_of_scope")
"""The categories as which an office may have accepted what it now brings in."""
DEFAULT_CHANNEL = "web"  # files come mostly from message boards, which name no channel
# What offices write in the place of a name.
_NO_NAME = frozenset(["匿名", "匿名信", "匿名举报", "匿名群众", "未署名", "不详", "无", "anonymous"])


class State(StrEnum):
    MAPPING = "mapping"  # uploaded; the clerk is to confirm which column is what
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"  # `message` says why; what was dealt with stays so
    REMOVED = "removed"  # the file is gone, the counts stay


@dataclass(frozen=True)
class Choices:
    """What the clerk confirms: field to column (from 0), and what holds for rows that do not say it."""

    mapping: Mapping[str, int]
    channel: str = DEFAULT_CHANNEL
    organ: str = "commission"
    received_on: date | None = None
    accept_as: str | None = None  # the office has screened them already: their category


@dataclass
class Judged:
    """A row with the petition that it makes, or with the errors for which it is refused."""

    number: int
    new: NewPetition | None
    problems: list[Problem] = field(default_factory=list)
    digest: str = ""
    number_digest: str | None = None


def check_defaults(choices: Choices, today: date) -> None:
    """Check what holds for rows that do not say it. Raises Invalid naming the field."""
    for name, fault in faults_of_source(choices.channel, choices.organ).items():
        raise Invalid(fault, field=name)
    if choices.accept_as not in (None, *SCREENED_AS):
        raise Invalid(N_("Choose one of the categories, or leave them to screening."), field="accept_as")
    fault_in_date = fault_of_date(choices.received_on, today) if choices.received_on else None
    if choices.received_on is None and "received_on" not in choices.mapping:
        fault_in_date = N_("Choose the column that holds the day of receipt, or one day for all rows.")
    if fault_in_date:
        raise Invalid(fault_in_date, field="default_received_on")


def lookups_of(county: County) -> Lookups:
    """The names, Chinese and English, by which a row may name a township or a content class."""
    return Lookups(
        townships={t.name: t.code for t in county.townships}
        | {t.name_en.casefold(): t.code for t in county.townships},
        content_classes={c.name: c.code for c in county.content_classes}
        | {c.name_en: c.code for c in county.content_classes},
    )


def judge(
    number: int, clean: CleanRow, choices: Choices, header: Sequence[str], county: County, today: date
) -> Judged:
    """Make the petition of a cleaned row and check it by the rules of registration."""
    problems = list(clean.problems)
    values = clean.values
    has_fault_in_date = any(p.field == "received_on" for p in problems)
    received_on = values.get("received_on") or choices.received_on
    if received_on is None and not has_fault_in_date:
        problems.append(_no_date(choices, header))
    if clean.refused or received_on is None:
        return Judged(number, None, problems)
    new = _petition(values, choices, received_on)
    problems += [
        Problem(_column_field(name), _label(name, choices, header), f"invalid_{name}", message, {})
        for name, message in faults(new, county, today).items()
    ]
    refused = any(p.severity == "error" for p in problems)
    return Judged(number, None if refused else new, problems)


def row_digest(hashes: Hashes, values: Mapping[str, Any]) -> str:
    """By this a row is known again, in whatever file and form it comes: over its cleaned mapped values."""
    return hashes.digest("import-row", json.dumps(values, default=str, sort_keys=True))


def number_digest(hashes: Hashes, source_number: str) -> str:
    """By this a number that an office gave is known again."""
    return hashes.digest("import-number", source_number)


def _petition(values: Mapping[str, Any], choices: Choices, received_on: date) -> NewPetition:
    name = values.get("petitioner_name")
    person = Person(
        name=None if name is None or name.casefold() in _NO_NAME else name,
        phone=values.get("petitioner_phone"),
        id_number=values.get("petitioner_id_number"),
        address=values.get("petitioner_address"),
    )
    same = ("township", "place", "content_class", "complained_of", "source_number")
    return NewPetition(
        channel=values.get("channel", choices.channel),
        organ=choices.organ,
        text=values["text"],
        title=values.get("title", ""),
        received_on=received_on,
        joint=values.get("joint", False),
        petitioner_count=values.get("petitioner_count", 1),
        superior_assigned=values.get("superior_assigned", False),
        person=person,
        **{key: values[key] for key in same if key in values},
    )


def _no_date(choices: Choices, header: Sequence[str]) -> Problem:
    message = N_("The day of receipt is missing. Add it, or choose a day for rows without one.")
    return Problem("received_on", _label("received_on", choices, header), "missing_date", message, {})


def _column_field(name: str) -> str:
    """The field of the import for a field of registration (`person.phone`)."""
    return name.replace("person.", "petitioner_")


def _label(name: str, choices: Choices, header: Sequence[str]) -> str:
    index = choices.mapping.get(_column_field(name))
    return "" if index is None else column_label(header, index)


NOTES = {
    "to_screen": N_(
        "Registered and left to screening: a person must name its township, or whom it complains of."
    ),
    "known": N_("Already registered as %(number)s; not registered again."),
    "same_row": N_("The same as row %(first)s; the two were registered once, as %(number)s."),
    "number_twice": N_(
        "%(column)s: this number was given twice, also in row %(first)s. Registered as a matter of its own; "
        "compare the two."
    ),
    "number_known": N_(
        "%(column)s: this number was given before, to %(number)s. Registered as a matter of its own; compare "
        "the two."
    ),
}
"""What is told about a row without refusing it, by code."""


def note(code: str, severity: str, column: str = "", **params: Any) -> Problem:
    """A note of `NOTES` on a row."""
    if code.startswith("number_"):
        params["column"] = column
    return Problem("row", column, code, NOTES[code], params, severity)
