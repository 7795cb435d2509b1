"""What an entry of the handling record must be."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.errors import N_, Invalid

WITH_PETITIONER = frozenset({"contact", "visit"})


@dataclass(frozen=True)
class NewEntry:
    """An entry as it is to be recorded; `corrects` names the entry that it puts right."""

    kind: str
    occurred_on: date
    text: str
    corrects: UUID | None = None


def check_entry(entry: NewEntry, *, received_on: date, today: date) -> None:
    """Raises Invalid naming the field that is wrong."""
    if entry.occurred_on > today:
        raise Invalid(N_("This day has not come yet. Record what was done."), field="occurred_on")
    if entry.occurred_on < received_on:
        raise Invalid(
            N_("Before the petition was received. Give the day on which it was done."), field="occurred_on"
        )
    if not entry.text.strip():
        raise Invalid(N_("Write what was done."), field="text")
