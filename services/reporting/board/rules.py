"""States and measures of the board (M26), and which of two events is the newer.

Measures are of service: done, in time, upheld, satisfied, overdue. None ranks by how many petitions
there are, so that silence is never rewarded.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

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


COUNTS = (
    "registered",
    "open",
    "due_soon",
    "late",
    "repeated",
    "resolved",
    "on_time",
    "upheld",
    "rated",
    "satisfied",
)


def measures(counts: Mapping[str, int]) -> dict[str, Any]:
    """The counts of a group with its shares in per cent; None where there is nothing to divide by."""
    whole = {name: counts[name] for name in COUNTS}
    return whole | {
        "on_time_share": share(whole["on_time"], whole["resolved"]),
        "upheld_share": share(whole["upheld"], whole["resolved"]),
        "satisfied_share": share(whole["satisfied"], whole["rated"]),
    }


def share(part: int, whole: int) -> float | None:
    """Per cent with one decimal, or None of nothing."""
    return round(100 * part / whole, 1) if whole else None
