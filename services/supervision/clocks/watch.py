"""What the timer does: lights that turn are told of, and a published calendar moves what waited for it."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from services.supervision.clocks import events
from services.supervision.clocks.models import Clock
from services.supervision.clocks.rules import State, levels_reached, next_look
from services.supervision.clocks.settle import recount, set_lights
from shared import calendar
from shared import clock as time
from shared.calendar import ONE_DAY
from shared.runtime.service import Instance

PORTION = 50


def watch(instance: Instance) -> bool:
    """Look at one portion of the clocks whose light turns; returns whether more may wait."""
    with instance.db.glance() as session:
        if session.scalar(_to_look_at().limit(1)) is None:
            return False
    with instance.db.write() as session:
        found = session.scalars(_to_look_at().limit(PORTION).with_for_update(skip_locked=True, of=Clock))
        clocks = found.all()
        for each in clocks:
            look(session, each)
        return len(clocks) == PORTION


def follow_calendar(instance: Instance) -> bool:
    """Count anew one portion of what waited for a year's calendar that is published now."""
    with instance.db.glance() as session:
        years = _published_years(session)
    if not years:
        return False
    with instance.db.write() as session:
        waiting = select(Clock).where(Clock.waits_for_year.in_(years), Clock.state != State.STOPPED)
        locked = waiting.limit(PORTION).with_for_update(skip_locked=True, of=Clock)
        found = session.scalars(locked).all()
        for each in found:
            if recount(session, each):
                events.moved(session, each, "calendar")
        return len(found) == PORTION


def look(session: Session, found: Clock) -> None:
    """Tell, once each, of the levels that a clock has reached: the highest only, or that it is late."""
    today = time.today()
    if today > found.due_on:
        found.expired_on, found.look_again_on = found.due_on + ONE_DAY, None
        events.expired(session, found)
        return
    reached = levels_reached(found, today)
    if set(reached) - set(found.warned):
        found.warned = reached
        events.warned(session, found, today)
    found.look_again_on = next_look(found, today)


def lights_changed(session: Session) -> None:
    """Turn the lights of all running clocks by the new rules."""
    running = select(Clock).where(Clock.state != State.STOPPED)
    for found in session.scalars(running.execution_options(yield_per=500)):
        set_lights(session, found)


def _to_look_at() -> Select[Clock]:
    return select(Clock).where(Clock.look_again_on <= time.today()).order_by(Clock.look_again_on)


def _published_years(session: Session) -> list[int]:
    waited_for = (
        select(Clock.waits_for_year)
        .where(Clock.waits_for_year.is_not(None), Clock.state != State.STOPPED)
        .distinct()
    )
    return [year for year in session.scalars(waited_for) if year and calendar.is_published(year)]
