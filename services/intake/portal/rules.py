"""What a petitioner is shown of their petition, and when they may rate.

条例 18, 21: who petitions can look up how it stands and rate it; 30: an accusation's substance is never
shown, whoever holds the code. 检举控告工作规则 27: the reply is given in person, not here.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Protocol

from services.intake.screening.rules import State
from shared.errors import N_, OutOfOrder

VISIT_LASTS = timedelta(minutes=30)  # since the last step after the code was given
SENT_AGAIN_WITHIN = timedelta(hours=1)  # a form whose answer was lost on the way
STATUSES = (
    "registered",
    "declined",
    "transferred",
    "accepted",
    "in_charge",
    "handled",
    "closed",
    "replied",
)
# Duties towards the petitioner; the others are the offices' own affair.
DUTIES_SHOWN = ("decision", "receipt", "handling", "reply")


# What each status waits for, and the duty whose date applies to it.
WAITS_FOR = {
    "registered": ("screening", "decision"),
    "transferred": ("agency_answer", "receipt"),
    "accepted": ("taking_charge", "handling"),
    "in_charge": ("handling", "handling"),
    "handled": ("closing", "handling"),
    "closed": ("reply", "reply"),
}
STEPS = (*(step for step, _duty in WAITS_FOR.values()), "with_agency", "your_rating")


class Running(Protocol):
    """A date that applies."""

    duty: str
    due_on: date
    stopped_on: date | None


class Standing(Protocol):
    """How far a petition is outside intake."""

    leader: str | None
    round: int
    handled_on: date | None
    closed_round: int
    replied_round: int


def status_of(state: str, standing: Standing | None) -> str:
    """One of STATUSES. A reopened petition is in charge again until its new round is closed."""
    if state != State.ACCEPTED:
        return state
    if standing is None or standing.leader is None:
        return "accepted"
    if standing.replied_round >= standing.round:
        return "replied"
    if standing.closed_round >= standing.round:
        return "closed"
    return "handled" if standing.handled_on and standing.round == 1 else "in_charge"


def next_step(
    status: str, dates: Iterable[Running], plan_due_on: date | None, to_rate: int | None
) -> dict[str, Any] | None:
    """What comes next (one of STEPS) and by when, where a date applies; None where nothing is to come."""
    if status not in WAITS_FOR:
        return {"step": "your_rating", "due_on": None} if to_rate else None
    step, duty = WAITS_FOR[status]
    due = min((d.due_on for d in dates if d.duty == duty and d.stopped_on is None), default=None)
    if status == "transferred" and due is None:
        step = "with_agency"  # it has signed for it, and goes by its own terms
    if duty == "handling":
        due = due or plan_due_on
    return {"step": step, "due_on": due}


def ratable_round(standing: Standing | None) -> int | None:
    """The round of handling that may be rated now: the last one, once it is closed or replied to."""
    if standing is None:
        return None
    finished = max(standing.closed_round, standing.replied_round)
    return finished if finished >= standing.round else None


def check_rating(standing: Standing | None, round_: int, *, rated_before: bool) -> None:
    """Raises OutOfOrder where this round may not be rated, or was."""
    if rated_before:
        raise OutOfOrder(N_("This round was rated already. Thank you; a rating cannot be changed."))
    if ratable_round(standing) != round_:
        raise OutOfOrder(N_("This round cannot be rated: rate the last one, once you have the reply."))


def may_show_outcome(category: str | None) -> bool:
    """Whether the outcome is shown: not of an accusation (条例 30), nor before it is known to be none."""
    return category not in (None, "accusation")
