"""States and measures of the board (M26), and which of two events is the newer.

Measures are of service: done, in time, upheld, satisfied, overdue. None ranks by how many petitions
there are, so that silence is never rewarded.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Protocol

from shared.contracts.assignment import OUTCOMES
from shared.contracts.intake import RATINGS


class State(StrEnum):
    REGISTERED = "registered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TRANSFERRED = "transferred"
    IN_CHARGE = "in_charge"  # a case that a leader has taken charge of
    CLOSED = "closed"


OPEN_STATES = (State.REGISTERED, State.ACCEPTED, State.IN_CHARGE)
# Two events of one moment: the later on a petition's way counts as the newer.
SCREENING: Mapping[str, State] = {  # step of intake -> where it leaves the petition
    "registered": State.REGISTERED,
    "declined": State.DECLINED,
    "transferred": State.TRANSFERRED,
    "returned": State.REGISTERED,  # to be screened again
    "accepted": State.ACCEPTED,
}
SCREENING_ORDER = tuple(SCREENING)
ROUTE_ORDER = ("opened", "reopened", "rerouted")
CLOCK_ORDER = ("started", "warned", "moved", "expired", "stopped")

UPHELD = tuple(outcome for outcome in OUTCOMES if outcome in ("upheld", "partly_upheld"))
SATISFIED = RATINGS[0]

DUE_SOON = timedelta(days=7)  # how far the board looks ahead; each clock's own warnings are supervision's


class Light(StrEnum):
    LATE = "late"
    DUE_SOON = "due_soon"
    NONE = "none"


def light(due_on: date | None, today: date) -> Light:
    """How near the earliest last day is."""
    if due_on is None or due_on > today + DUE_SOON:
        return Light.NONE
    return Light.LATE if due_on < today else Light.DUE_SOON


def state(screening: str | None, *, opened: bool, reopened_round: int, closed_round: int) -> State:
    """Where a petition stands. A case's own events go before intake's: they were made after them,
    though perhaps by another machine's clock."""
    if closed_round and closed_round >= reopened_round:
        return State.CLOSED
    if opened or reopened_round or closed_round:
        return State.IN_CHARGE
    return SCREENING[screening] if screening else State.REGISTERED


# What changes only when something happens to a petition, and what changes with the days too.
LASTING = (
    "registered",
    "open",
    "running",
    "repeated",
    "resolved",
    "on_time",
    "upheld",
    "rated",
    "satisfied",
)
DAILY = ("due_soon", "late")
COUNTS = (*LASTING, *DAILY)
SHARES: Mapping[str, tuple[str, tuple[str, ...]]] = {  # share -> part, and what makes up the whole
    "resolved_share": ("resolved", ("resolved", "open")),
    "on_time_share": ("on_time", ("resolved",)),
    "late_share": ("late", ("running",)),
    "upheld_share": ("upheld", ("resolved",)),
    "satisfied_share": ("satisfied", ("rated",)),
}


class Standing(Protocol):
    """What of a petition decides which of the lasting counts it is in."""

    @property
    def state(self) -> str: ...
    @property
    def due_on(self) -> date | None: ...
    @property
    def was_late(self) -> bool: ...
    @property
    def outcome(self) -> str | None: ...
    @property
    def rating(self) -> str | None: ...
    @property
    def reopened_round(self) -> int: ...


def lasting(petition: Standing) -> dict[str, int]:
    """1 for each lasting count that a petition is in, else 0."""
    resolved = petition.state == State.CLOSED
    found = {
        "registered": True,
        "open": petition.state in OPEN_STATES,
        "running": petition.due_on is not None,
        "repeated": petition.reopened_round > 0,
        "resolved": resolved,
        "on_time": resolved and not petition.was_late,
        "upheld": resolved and petition.outcome in UPHELD,
        "rated": petition.rating is not None,
        "satisfied": petition.rating == SATISFIED,
    }
    return {name: int(found[name]) for name in LASTING}


def measures(counts: Mapping[str, int]) -> dict[str, Any]:
    """The counts of a group with its shares in per cent; None where there is nothing to divide by."""
    whole = {name: counts[name] for name in COUNTS}
    return whole | {
        name: share(whole[part], sum(whole[each] for each in of)) for name, (part, of) in SHARES.items()
    }


def share(part: int, whole: int) -> float | None:
    """Per cent with one decimal, or None of nothing."""
    return round(100 * part / whole, 1) if whole else None
