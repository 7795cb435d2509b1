"""Brings the clocks of a petition in line with its story, and tells what changed.

Runs after every event about a petition, whatever the order: a clock is started, handed over, moved,
stopped or dropped as the story now says. Only people's extensions and pauses are not in the story.
"""

from collections.abc import Sequence
from datetime import date
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.supervision.clocks import events
from services.supervision.clocks.course import Duty, course
from services.supervision.clocks.models import Clock, Holding
from services.supervision.clocks.rules import (
    APPROVED,
    Counting,
    State,
    last_day,
    list_key,
    next_look,
    turns_on,
    year_waited_for,
)
from services.supervision.matters.models import Fact, Matter
from services.supervision.matters.rules import Story
from services.supervision.terms import queries as terms
from services.supervision.terms.rules import choose
from shared import clock as time
from shared.calendar import ONE_DAY


def settle(session: Session, matter: Matter, facts: Sequence[Fact]) -> None:
    """Make the clocks of a petition what its facts, all of them, say."""
    story = Story(facts)
    locate(matter, story)
    known = {(row.duty, row.ref): row for row in _clocks(session, matter)}
    for duty in course(story, terms.petition_office(session)):
        found = known.get(duty.key) or _start(session, matter, duty)
        if found is not None and found.term.starts_with in duty.starts:
            known.pop(duty.key, None)
            _follow(session, found, duty)
    for left in known.values():
        drop(session, left)


def _clocks(session: Session, matter: Matter) -> Sequence[Clock]:
    if matter in session.new:
        return ()
    return session.scalars(select(Clock).where(Clock.petition_id == matter.petition_id)).all()


def locate(matter: Matter, story: Story) -> None:
    """Note who has the petition now and, once it is accepted, which township it comes from."""
    if story.accepted is not None:
        matter.township = story.accepted.data["township"]
    if story.seats:
        now = story.seats[-1]
        matter.leader, matter.office, matter.team = now.leader, now.office, now.team


def drop(session: Session, found: Clock) -> None:
    """Take a clock away that there should not be; those who heard of it are told that it fell away."""
    if found.state != State.STOPPED:
        found.state, found.stopped_on, found.done, found.late = State.STOPPED, time.today(), False, False
        events.stopped(session, found)
    session.delete(found)


def counting_of(found: Clock) -> Counting:
    """What the last day of a clock follows from."""
    return Counting(
        unit=found.unit,
        length=found.length,
        started_on=found.started_on,
        given_on=found.given_on,
        extended_days=sum(r.days or 0 for r in found.requests if r.state == APPROVED) or None,
        pauses=found.pauses,
    )


def recount(session: Session, found: Clock) -> bool:
    """Count the last day anew; returns whether it moved. Then each level is warned of again."""
    counting = counting_of(found)
    counted = last_day(counting)
    found.waits_for_year = year_waited_for(counting, counted)
    moved = counted.due_on != found.due_on
    if moved:
        found.due_on = counted.due_on
        found.warned, found.expired_on = [], None
    set_lights(session, found)
    if found.state == State.STOPPED and found.stopped_on:
        found.late = found.stopped_on > found.due_on
    return moved


def set_lights(session: Session, found: Clock) -> None:
    """When its lights turn, its place in lists, and when the watch is to look at it."""
    rules = terms.lights(session)
    found.orange_on, yellow_on = (
        turns_on(rules, found.duty, light, found.started_on, found.due_on) for light in ("orange", "yellow")
    )
    found.yellow_on = min(yellow_on, found.orange_on)
    running = found.state == State.RUNNING and found.expired_on is None
    found.look_again_on = next_look(found, date.min) if running else None
    found.list_key = list_key(
        found.id.hex,
        stopped=found.state == State.STOPPED,
        superior_assigned=found.superior_assigned,
        due_on=found.due_on,
    )


def stop(session: Session, found: Clock, on: date, *, done: bool) -> None:
    """The duty is done or fell away; a pause ends with it, and whether it was late is settled."""
    for pause in found.pauses:
        if pause.resumed_on is None:
            pause.resumed_on = max(pause.paused_on, on)
    found.state, found.stopped_on, found.done = State.STOPPED, on, done
    recount(session, found)
    events.stopped(session, found)


def _start(session: Session, matter: Matter, duty: Duty) -> Clock | None:
    """A new clock by the term that holds; None where there is none (yet)."""
    chosen = choose(terms.terms_of(session, duty.about.duty), duty.about, duty.starts)
    if chosen is None:
        return None
    term, started_on = chosen
    holder = duty.holders[-1].unit
    found = Clock(
        id=uuid4(),
        petition_id=matter.petition_id,
        number=matter.number,
        duty=duty.about.duty,
        ref=duty.ref,
        term=term,
        unit=term.unit,
        length=term.length,
        superior_assigned=duty.about.superior_assigned,
        holder=holder,
        started_on=started_on,
        first_given_on=duty.first_given_on,
        given_on=duty.given_on,
        state=State.RUNNING,
        done=False,
        late=False,
        warned=[],
        requests=[],
        pauses=[],
        holdings=[],
    )
    found.due_on = last_day(counting_of(found)).due_on
    found.first_due_on = _first_due(found)
    recount(session, found)
    if found.due_on < duty.known_on:
        # Over before anyone could be told, as in an import of old petitions: shown late, not announced.
        found.expired_on, found.look_again_on = found.due_on + ONE_DAY, None
    session.add(found)
    events.started(session, found)
    return found


def _first_due(found: Clock) -> date:
    return last_day(Counting(found.unit, found.length, found.started_on, found.first_given_on)).due_on


def _follow(session: Session, found: Clock, duty: Duty) -> None:
    """Take over start, date, holder and end from the story."""
    _hold(session, found, duty)
    found.planned_on = duty.planned_on
    _take_dates(session, found, duty)
    if (duty.stopped_on, duty.done) == (found.stopped_on, found.done):
        return
    if duty.stopped_on is not None:
        stop(session, found, duty.stopped_on, done=duty.done)
    else:
        found.state, found.stopped_on, found.done, found.late = State.RUNNING, None, False, False
        recount(session, found)
        events.moved(session, found, "plan")


def _take_dates(session: Session, found: Clock, duty: Duty) -> None:
    """The start and the date that the duty brings; a fact that came late may show that they were others."""
    if found.term.starts_with not in duty.starts:
        return  # two facts of one instant changed places: what it once counted from still holds
    first = (duty.starts[found.term.starts_with], duty.first_given_on)
    if (*first, duty.given_on) == (found.started_on, found.first_given_on, found.given_on):
        return
    if first != (found.started_on, found.first_given_on):
        found.started_on, found.first_given_on = first
        found.first_due_on = _first_due(found)
    found.given_on = duty.given_on
    if recount(session, found):
        events.moved(session, found, "plan")


def _hold(session: Session, found: Clock, duty: Duty) -> None:
    """Write down who held the duty when; a new holder is told of."""
    ends = [*(holder.since for holder in duty.holders[1:]), duty.stopped_on]
    wanted = [(h.unit, h.since, until) for h, until in zip(duty.holders, ends, strict=True)]
    if [(h.unit, h.since, h.until) for h in found.holdings] != wanted:
        if found.holdings:
            found.holdings.clear()
            session.flush()  # their places are given anew
        found.holdings.extend(
            Holding(place=place, unit=unit, since=since, until=until)
            for place, (unit, since, until) in enumerate(wanted, 1)
        )
    if found.holder != wanted[-1][0]:
        found.holder = wanted[-1][0]
        events.moved(session, found, "handover")
