"""When a clock ends, when its lights turn and what may move it (M17).

条例 34: at most one extension of handling, by the organ's head, with the reasons told to the petitioner;
36: the time of a hearing is not counted. No number of days stands here: they come from the terms.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from services.supervision.terms.rules import (
    CALENDAR_DAYS,
    MONTHS,
    NTH_OF_TERM,
    WARNING_LIGHTS,
    WORKING_DAYS,
    end,
)
from shared import calendar
from shared.calendar import ONE_DAY
from shared.errors import N_, Invalid, OutOfOrder
from shared.identity.roles import CASEWORK, Role, Viewer

READERS = (*sorted(CASEWORK), Role.LIAISON)  # who sees clocks, each those of their scope
# Who may have a duty and so ask about its clock.
HOLDERS = (Role.CLERK, Role.LEADER, Role.OFFICE, Role.TEAM, Role.TOWNSHIP, Role.LIAISON, Role.SUPERVISOR)
RESUMERS = (*HOLDERS, Role.HEAD)
OVERSEERS = frozenset({Role.HEAD, Role.SUPERVISOR})  # who see where lateness lies, and what is asked
REQUEST_KINDS = EXTENSION, PAUSE = ("extension", "pause")
REQUEST_STATES = PENDING, APPROVED, REFUSED = ("pending", "approved", "refused")
PAUSE_REASONS = ("hearing", "appraisal", "other_procedure", "petitioner_asked", "force_majeure")
LAST_DAY = "last_day"
LEVELS = (*WARNING_LIGHTS, LAST_DAY)  # each is warned of once


class State(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class Light(StrEnum):
    """How a clock that has not stopped stands."""

    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"
    PAUSED = "paused"


class Spell(Protocol):
    """A pause; resumed_on is None while it lasts, and then it moves nothing yet."""

    paused_on: date
    resumed_on: date | None


class LightRow(Protocol):
    light: str
    duty: str | None
    unit: str
    length: int


@dataclass(frozen=True)
class Counting:
    """What the last day of a clock follows from."""

    unit: str
    length: int | None
    started_on: date
    given_on: date | None = None
    extended_days: int | None = None
    pauses: Sequence[Spell] = ()


def last_day(counting: Counting) -> calendar.Term:
    """The last day: the term, then its extension from there on, then the time of its pauses."""
    found = end(counting.unit, counting.length, counting.started_on, counting.given_on)
    if counting.extended_days:
        found = _later(found, CALENDAR_DAYS, counting.extended_days)
    if counting.unit == WORKING_DAYS:
        return _later(found, WORKING_DAYS, paused_time(counting.pauses, working=True))
    return _later(found, CALENDAR_DAYS, paused_time(counting.pauses, working=False))


def paused_time(pauses: Iterable[Spell], *, working: bool) -> int:
    """The working or calendar days of the pauses that are over."""
    spells = [(p.paused_on, p.resumed_on) for p in pauses if p.resumed_on]
    if working:
        return sum(calendar.working_days_between(since, until) for since, until in spells)
    return sum((until - since).days for since, until in spells)


def _later(found: calendar.Term, unit: str, days: int) -> calendar.Term:
    if days < 1:
        return found
    moved = end(unit, days, found.due_on)
    return calendar.Term(moved.due_on, found.provisional or moved.provisional)


def year_waited_for(counting: Counting, found: calendar.Term) -> int | None:
    """The first year whose calendar is not published and decides the last day; None where all is known."""
    if not found.provisional:
        return None
    first = min(counting.started_on, found.due_on).year
    years = range(first, found.due_on.year + 2)  # late December waits for the year that follows
    return next((year for year in years if not calendar.is_published(year)), None)


def turns_on(rules: Sequence[LightRow], duty: str, light: str, started_on: date, due_on: date) -> date:
    """The day on which a light turns, from `started_on` to `due_on`."""
    own = [rule for rule in rules if rule.light == light and rule.duty == duty]
    of_all = [rule for rule in rules if rule.light == light and rule.duty is None]
    days = [_turning(rule, started_on, due_on) for rule in own or of_all]
    return max(min([*days, due_on]), min(started_on, due_on))


def _turning(rule: LightRow, started_on: date, due_on: date) -> date:
    if rule.unit == NTH_OF_TERM:
        return due_on - (due_on - started_on) // rule.length
    if rule.unit == CALENDAR_DAYS:
        return due_on - rule.length * ONE_DAY
    left, day = rule.length, due_on
    while left >= calendar.is_working_day(day):
        left -= calendar.is_working_day(day)
        day -= ONE_DAY
    return day


class Timed(Protocol):
    state: str
    due_on: date
    yellow_on: date
    orange_on: date


def light(clock: Timed, today: date) -> Light | None:
    """The light of a clock today; None where it has stopped."""
    if clock.state == State.STOPPED:
        return None
    if clock.state == State.PAUSED:
        return Light.PAUSED
    if today > clock.due_on:
        return Light.RED
    if today >= clock.orange_on:
        return Light.ORANGE
    return Light.YELLOW if today >= clock.yellow_on else Light.GREEN


def levels_reached(clock: Timed, today: date) -> list[str]:
    """Which warnings are due: before, and on the last day."""
    days = dict(zip(LEVELS, (clock.yellow_on, clock.orange_on, clock.due_on), strict=True))
    return [level for level, day in days.items() if today >= day]


def next_look(clock: Timed, today: date) -> date | None:
    """The next day on which a light turns; None where it is red, stands still or has stopped."""
    if clock.state != State.RUNNING:
        return None
    days = (clock.yellow_on, clock.orange_on, clock.due_on, clock.due_on + ONE_DAY)
    return next((day for day in sorted(days) if day > today), None)


def knows_reasons(viewer: Viewer, holder: str) -> bool:
    """Whether a viewer who sees a clock reads what was asked about it and why.

    A township follows the duties of its cases by their days; what was written about them is for who has
    the duty and those in charge.
    """
    return viewer.role is not Role.TOWNSHIP or viewer.unit == holder


class Extensible(Protocol):
    extension_unit: str | None
    extension_length: int | None
    extensions: int
    source: str
    article: str


def check_running(state: str, due_on: date, today: date) -> None:
    """Whether a clock may still be moved. Raises OutOfOrder: lateness is never taken back."""
    if state == State.STOPPED:
        raise OutOfOrder(N_("This clock has stopped: the duty is done or fell away. Nothing can move it."))
    if state == State.PAUSED:
        raise OutOfOrder(N_("This clock is paused. Resume it first."))
    if today > due_on:
        raise OutOfOrder(N_("The last day has passed. The duty is late, and that stays on file: do it now."))


def check_extension(term: Extensible, days: int, due_on: date, granted: int) -> None:
    """Whether the term may be extended by so many calendar days.

    条例 34: once, by no more than the term allows. Raises OutOfOrder, Invalid with the article.
    """
    said: dict[str, Any] = {"source": term.source, "article": term.article}
    if not term.extensions or term.extension_unit is None:
        raise OutOfOrder(N_("This term cannot be extended (%(source)s, %(article)s)."), **said)
    if granted >= term.extensions:
        raise OutOfOrder(
            N_("This term was extended already, and may be no further (%(source)s, %(article)s)."), **said
        )
    length = term.extension_length
    allowed = (
        days <= (length or 0)
        if term.extension_unit == CALENDAR_DAYS
        else due_on + days * ONE_DAY <= end(term.extension_unit, length, due_on).due_on
    )
    if not allowed:
        raise Invalid(
            {
                CALENDAR_DAYS: N_("At most %(length)s days may be added (%(source)s, %(article)s)."),
                WORKING_DAYS: N_("At most %(length)s working days may be added (%(source)s, %(article)s)."),
                MONTHS: N_("At most %(length)s months may be added (%(source)s, %(article)s)."),
            }[term.extension_unit],
            field="days",
            length=length,
            **said,
        )


def list_key(clock_id: str, *, stopped: bool, superior_assigned: bool, due_on: date) -> str:
    """Sorts what runs before what stopped, what is superior-assigned first (M5), then by the last day."""
    return f"{int(stopped)}-{int(not superior_assigned)}-{due_on.isoformat()}-{clock_id}"
