"""What supervision says of the clocks: started, moved, stopped."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.assignment.cases.withdrawal import is_withdrawn
from services.assignment.duties.commands import refresh
from services.assignment.duties.models import DutyClock
from services.assignment.duties.rules import OF_A_CASE, is_newer
from shared.bus.handlers import Event, handles
from shared.contracts.supervision import ClockMovedV1, ClockStartedV1, ClockStoppedV1

EVERY = ("petition_id", "clock_id", "duty", "holder", "due_on")


@handles(ClockStartedV1, uses=(*EVERY, "started_on"))
def on_clock_started(event: Event, session: Session) -> None:
    """A duty began to run."""
    if found := _take_over(event, session, "started", event.occurred_at):
        found.started_on = event["started_on"]


@handles(ClockMovedV1, uses=(*EVERY, "moved_at"))
def on_clock_moved(event: Event, session: Session) -> None:
    """Its last day or its holder changed, or it runs again."""
    _take_over(event, session, "moved", event["moved_at"])


@handles(ClockStoppedV1, uses=EVERY)
def on_clock_stopped(event: Event, session: Session) -> None:
    """It is done or fell away."""
    _take_over(event, session, "stopped", event.occurred_at)


def _take_over(event: Event, session: Session, word: str, moment: datetime) -> DutyClock | None:
    """Note how the clock stands, unless something newer is known; None where it is not of a case."""
    if event["duty"] not in OF_A_CASE or is_withdrawn(session, event["petition_id"]):
        return None
    found = session.get(DutyClock, event["clock_id"])
    if found is None:
        found = DutyClock(
            clock_id=event["clock_id"],
            petition_id=event["petition_id"],
            duty=event["duty"],
            as_of=moment,
            word=word,
        )
        session.add(found)
    if is_newer(moment, word, found.as_of, found.word):
        found.as_of, found.word, found.stopped = moment, word, word == "stopped"
        found.due_on, found.holder = event["due_on"], event["holder"]
        session.flush()
        refresh(session, found.petition_id)
    return found
