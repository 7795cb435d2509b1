"""Petitions with all that happens to them, and what should be counted of each, told independently."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.reporting.board.models import BoardClock, BoardCount, BoardPetition
from services.reporting.board.rules import LASTING
from shared import clock
from shared.contracts.envelope import Envelope
from shared.identity.recusal import Exclusion
from tests.story import Story

TOWNSHIPS = ("420324100", "420324101", "420324102")
LEADERS = ("leader-1", "leader-2", "leader-3")
CLASSES = ("05", "09", None)
NOW = date(2026, 6, 15)
MAY_BE_EXCLUDED = ["leader-1", "township-420324100", "petition-office"]
Move = Callable[[timedelta], object]


@dataclass
class Known:
    """What the test itself knows of a petition at the end."""

    township: str
    content_class: str | None
    month: str
    number: str
    accepted: bool = False
    leader: str | None = None
    state: str = "registered"
    late: bool = False
    was_late: bool = False
    due_soon: bool = False
    running: bool = False
    repeated: bool = False
    outcome: str | None = None
    rating: str | None = None
    withdrawn: bool = False
    excluded: set[str] = field(default_factory=set)


def tell(rng: random.Random, number: int, move: Move) -> tuple[Known, list[Envelope]]:
    """One petition's life, from registration to wherever chance takes it. Ends on NOW or before."""
    story = Story(number, township=rng.choice(TOWNSHIPS))
    known = Known(story.township, rng.choice(CLASSES), f"{clock.today():%Y-%m}", story.number)
    events = [story.registered(content_class=known.content_class)]
    move(timedelta(hours=rng.randint(1, 200)))
    _screen(rng, story, known, events)
    if known.state == "accepted" and rng.random() < 0.9:
        move(timedelta(hours=1))
        _handle(rng, story, known, events, move)
    if rng.random() < 0.05:
        known.withdrawn = True
        events.append(story.withdrawn())
    return known, events


def _screen(rng: random.Random, story: Story, known: Known, events: list[Envelope]) -> None:
    step = rng.random()
    if step < 0.1:
        known.state = "declined"
        events.append(story.declined())
    elif step < 0.2:
        known.state = "transferred"
        events.append(story.transferred())
    elif step < 0.9:
        known.state, known.accepted = "accepted", True
        known.township = rng.choice(TOWNSHIPS)  # screening may correct it
        known.excluded = set(rng.sample(MAY_BE_EXCLUDED, rng.choice([0, 0, 1, 2])))
        events.append(
            story.accepted(
                township=known.township,
                content_class=known.content_class,
                excluded=sorted(known.excluded),
            )
        )


def _handle(
    rng: random.Random,
    story: Story,
    known: Known,
    events: list[Envelope],
    move: Move,
) -> None:
    known.state, known.leader = "in_charge", rng.choice(LEADERS)
    events.append(story.opened(township=known.township, leader=known.leader))
    due, clock_id = NOW + timedelta(days=rng.choice([-20, -1, 0, 7, 8, 40])), uuid4()
    events.append(story.clock("started", clock_id, due - timedelta(days=30)))
    move(timedelta(hours=1))
    events.append(story.clock("moved", clock_id, due))
    if due < NOW:
        known.was_late = True
        events.append(story.clock("expired", clock_id, due))
    move(timedelta(hours=1))
    if rng.random() < 0.3:
        known.leader = rng.choice(LEADERS)
        events.append(
            story.rerouted(leader=known.leader, reason="roster_change", excluded=sorted(known.excluded))
        )
    if rng.random() < 0.4:
        known.running = True
        known.late, known.due_soon = due < NOW, NOW <= due <= NOW + timedelta(days=7)
        return
    events.append(story.clock("stopped", clock_id, due, late=due < NOW))
    known.state, known.outcome = "closed", rng.choice(["upheld", "partly_upheld", "not_upheld", "explained"])
    events.append(story.closed(outcome=known.outcome))
    if rng.random() < 0.6:
        move(timedelta(hours=1))
        known.rating = rng.choice(["satisfied", "partly", "dissatisfied"])
        events.append(story.rated(known.rating))
    if known.rating == "dissatisfied":
        known.state, known.repeated = "in_charge", True
        events.append(story.reopened(leader=known.leader))


MEASURES: dict[str, Callable[[Known], object]] = {
    "registered": lambda p: True,
    "open": lambda p: p.state in ("registered", "accepted", "in_charge"),
    "running": lambda p: p.running,
    "due_soon": lambda p: p.due_soon,
    "late": lambda p: p.late,
    "repeated": lambda p: p.repeated,
    "resolved": lambda p: p.state == "closed",
    "on_time": lambda p: p.state == "closed" and not p.was_late,
    "upheld": lambda p: p.state == "closed" and p.outcome in ("upheld", "partly_upheld"),
    "rated": lambda p: p.rating,
    "satisfied": lambda p: p.rating == "satisfied",
}


def counts(petitions: list[Known]) -> dict[str, int]:
    """What the board should count of these, added up one by one."""
    return {name: len([p for p in petitions if fits(p)]) for name, fits in MEASURES.items()}


def read_model(session: Session) -> list[list[tuple[str, ...]]]:
    """All rows of the board's tables, in an order of their own; the counts as they add up."""
    rows = [
        sorted(
            tuple(repr(getattr(row, column.key)) for column in model.__table__.columns)
            for row in session.scalars(select(model))
        )
        for model in (BoardPetition, BoardClock, Exclusion)
    ]
    return [*rows, _sums(session)]


def _sums(session: Session) -> list[tuple[str, ...]]:
    sums = select(BoardCount.cell, *(func.sum(getattr(BoardCount, name)) for name in LASTING))
    rows = session.execute(sums.group_by(BoardCount.cell)).all()
    return sorted(tuple(map(str, row)) for row in rows if any(row[1:]))
