"""Which term holds for a duty, and on which day it ends (M17). No number of days stands here.

条例 23 last ¶: the clocks of art. 22-23 are not those of a commission that gets accusations, so the
organ, the category and the procedure choose; 民法典 201-203: how days are counted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from shared import calendar
from shared.calendar import ONE_DAY

CALENDAR_DAYS, WORKING_DAYS, MONTHS, GIVEN_DATE = "calendar_days", "working_days", "months", "given_date"
UNITS = (CALENDAR_DAYS, WORKING_DAYS, MONTHS, GIVEN_DATE)
NTH_OF_TERM = "nth_of_term"
LIGHT_UNITS = (NTH_OF_TERM, CALENDAR_DAYS, WORKING_DAYS)
WARNING_LIGHTS = ("yellow", "orange")
ROUNDS = ("first", "later")
MARKS = ("T", "P", "C", "M")

# What can start and what ends each duty; a row of the table that names another is refused.
STARTS: Mapping[str, tuple[str, ...]] = {
    "decision": ("petition.received", "petition.registered"),
    "receipt": ("petition.transferred",),
    "plan": ("case.opened",),
    "handling": ("petition.accepted", "case.opened", "case.reopened", "plan.fixed"),
    "reply": ("case.closed",),
    "instruction": ("instruction.signed",),
}
STOPS: Mapping[str, tuple[str, ...]] = {
    "decision": ("petition.accepted", "petition.declined", "petition.transferred"),
    "receipt": ("transfer.signed", "transfer.returned"),
    "plan": ("plan.fixed",),
    "handling": ("case.closed",),
    "reply": ("reply.given",),
    "instruction": ("instruction.completed", "case.closed"),
}


def is_confirmed(mark: str) -> bool:
    """Whether the number was read in a copy of the text; all else is a setting."""
    return mark == MARKS[0]


@dataclass(frozen=True)
class About:
    """What a term is chosen by; None where it is not known yet, as the category before screening."""

    duty: str
    organ: str | None = None
    category: str | None = None
    procedure: str | None = None
    signature: str | None = None
    superior_assigned: bool = False
    later_round: bool = False


class Version(Protocol):
    """A version of a term, as the table has it."""

    code: str
    effective_from: date
    duty: str
    organs: list[str]
    categories: list[str]
    procedures: list[str]
    signatures: list[str]
    superior_assigned: bool | None
    rounds: str | None
    starts_with: str


V = TypeVar("V", bound=Version)


def choose(terms: Sequence[V], about: About, starts: Mapping[str, date]) -> tuple[V, date] | None:
    """The term that holds, and the day of the event that starts it; None where none runs (yet).

    Of a term's versions the newest in force on its starting day holds, before the first one the first.
    Of several terms the one for what is superior-assigned goes first, then the one that says most.
    """
    versions: dict[str, list[V]] = {}
    for term in sorted(terms, key=lambda term: term.effective_from):
        versions.setdefault(term.code, []).append(term)
    fitting = [t for t in (_in_force(v, starts) for v in versions.values()) if _fits(t, about)]
    best = max(fitting, key=_precedence, default=None)
    if best is None or best.starts_with not in starts:
        return None
    return best, starts[best.starts_with]


def _in_force(versions: Sequence[V], starts: Mapping[str, date]) -> V:
    return _newest(versions, lambda version: starts.get(version.starts_with, date.min))


def version_on(versions: Sequence[V], day: date) -> V:
    """Of a term's versions, oldest first, the one that holds for what starts on a day."""
    return _newest(versions, lambda _version: day)


def _newest(versions: Sequence[V], day_of: Callable[[V], date]) -> V:
    begun = [v for v in versions if v.effective_from <= day_of(v)]
    return (begun or versions[:1])[-1]


def _fits(term: Version, about: About) -> bool:
    chosen_by = (
        (term.organs, about.organ),
        (term.categories, about.category),
        (term.procedures, about.procedure),
        (term.signatures, about.signature),
    )
    return (
        term.duty == about.duty
        and all(not wanted or value in wanted for wanted, value in chosen_by)
        and term.superior_assigned in (None, about.superior_assigned)
        and term.rounds in (None, ROUNDS[about.later_round])
    )


def _precedence(term: Version) -> tuple[bool, int, str]:
    said = (term.organs, term.categories, term.procedures, term.signatures, term.rounds)
    return term.superior_assigned is not None, sum(bool(each) for each in said), term.code


def end(unit: str, length: int | None, started_on: date, given_on: date | None = None) -> calendar.Term:
    """The last day of a term: always a working day. `given_on`: the date that the duty brings itself.

    民法典 203: also a date that was given rolls on to the next working day.
    """
    if unit == GIVEN_DATE:
        assert given_on is not None
        return calendar.after_days(given_on - ONE_DAY, 1)
    count = {
        CALENDAR_DAYS: calendar.after_days,
        WORKING_DAYS: calendar.after_working_days,
        MONTHS: calendar.after_months,
    }[unit]
    assert length is not None
    return count(started_on, length)


@dataclass(frozen=True)
class Reckoned:
    """The last day of a term and how it comes about."""

    first_day: date  # the day after the event, from which is counted
    ends_on: date | None  # where the count ends, before it moves on to a working day; None of months
    due_on: date
    days: int  # calendar days from the event to the last day
    working_days: int  # of these
    provisional: bool


def reckon(unit: str, length: int, started_on: date) -> Reckoned:
    """The last day of a term that an event on `started_on` starts (民法典 201-203)."""
    found = end(unit, length, started_on)
    days = (found.due_on - started_on).days
    ends = {CALENDAR_DAYS: started_on + length * ONE_DAY, WORKING_DAYS: found.due_on}
    return Reckoned(
        first_day=started_on + ONE_DAY,
        ends_on=ends.get(unit),
        due_on=found.due_on,
        days=days,
        working_days=calendar.working_days_between(started_on, found.due_on),
        provisional=found.provisional,
    )
