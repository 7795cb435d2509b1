"""What the facts about a petition say together: its story, in the order in which it happened.

Everything about clocks follows from here, so that the order in which events arrive makes no difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol

from shared import clock
from shared.contracts.assignment import SEATS


class Kind(StrEnum):
    """What can happen; of two at one moment the one that stands first here went before."""

    REGISTERED = "registered"
    INSTRUCTED = "instructed"
    RETURNED = "returned"
    DECLINED = "declined"
    TRANSFERRED = "transferred"
    SIGNED = "signed"
    ACCEPTED = "accepted"
    OPENED = "opened"
    REROUTED = "rerouted"
    PLANNED = "planned"
    COMPLETED = "completed"  # an instruction, as its addressee says
    CLOSED = "closed"
    REPLIED = "replied"
    REOPENED = "reopened"


ORDER = {kind: place for place, kind in enumerate(Kind)}
DECISIONS = (Kind.ACCEPTED, Kind.DECLINED, Kind.TRANSFERRED)
ROUTES = (Kind.OPENED, Kind.REROUTED, Kind.REOPENED)


class Happening(Protocol):
    """A fact, as the table has it."""

    kind: str
    ref: str
    at: datetime
    data: dict[str, Any]


def day_of(happening: Happening) -> date:
    """The county's date of it."""
    return clock.local_date(happening.at)


@dataclass(frozen=True)
class Seats:
    """Who has a case from a moment on."""

    since: datetime
    leader: str
    office: str
    team: str


@dataclass(frozen=True)
class Round:
    """A round of handling: what began it, what ended it and what began the next, as far as known."""

    number: int
    began: Happening
    closed: Happening | None
    next_began: Happening | None
    plans: Sequence[Happening]


class Story:
    """The facts about one petition, asked in the order in which they happened."""

    def __init__(self, facts: Sequence[Happening]) -> None:
        self.facts = sorted(facts, key=lambda fact: (fact.at, ORDER[Kind(fact.kind)], fact.ref))

    def all(self, *kinds: Kind) -> list[Happening]:
        """Those of some kinds, oldest first."""
        return [fact for fact in self.facts if fact.kind in kinds]

    def first(self, *kinds: Kind, after: datetime | None = None, ref: str | None = None) -> Happening | None:
        """The oldest of some kinds: later than a moment, with a ref, where given."""
        return next(
            (
                fact
                for fact in self.all(*kinds)
                if (after is None or fact.at > after) and (ref is None or fact.ref == ref)
            ),
            None,
        )

    @cached_property
    def accepted(self) -> Happening | None:
        return self.first(Kind.ACCEPTED)

    @cached_property
    def described(self) -> dict[str, Any]:
        """What the petition is: screening corrects the register."""
        said = self.accepted or self.first(Kind.REGISTERED)
        return said.data if said else {}

    @cached_property
    def seats(self) -> list[Seats]:
        """Who had the case, from when on."""
        return [Seats(fact.at, **{seat: fact.data[seat] for seat in SEATS}) for fact in self.all(*ROUTES)]

    @cached_property
    def rounds(self) -> list[Round]:
        """The rounds of handling from acceptance on; none before it."""
        if self.accepted is None:
            return []
        begun = {1: self.accepted} | {int(fact.ref): fact for fact in self.all(Kind.REOPENED)}
        numbers = sorted(begun)
        following = dict(zip(numbers, numbers[1:], strict=False))
        return [self._round(number, begun, following.get(number)) for number in numbers]

    def _round(self, number: int, begun: dict[int, Happening], following: int | None) -> Round:
        began, next_began = begun[number], begun[following] if following else None
        closed = self.first(Kind.CLOSED, ref=str(number))
        end = closed or next_began
        # A plan of the very instant of the closing came before it: there is no closing without one.
        last = closed.at if closed else None
        planned = [
            p
            for p in self.all(Kind.PLANNED)
            if p.at >= began.at and (not end or p.at < end.at or p.at == last)
        ]
        planned.sort(key=lambda plan: int(plan.ref))
        return Round(number, began, closed, next_began, planned)
