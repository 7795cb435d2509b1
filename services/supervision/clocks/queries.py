"""Reading clocks: only what the viewer may see (M8 recusal, role), by light as it is today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.supervision.clocks.models import Clock, ClockRequest
from services.supervision.clocks.rules import PENDING, Light, State
from services.supervision.matters.models import Matter
from shared import clock as time
from shared.errors import N_, NotFound
from shared.identity.recusal import not_excluded
from shared.identity.roles import Role, Viewer
from shared.identity.scopes import CLOCK_REQUESTS, CLOCKS, Reach, Scope

IN_CHARGE = {Role.LEADER: Matter.leader, Role.OFFICE: Matter.office, Role.TEAM: Matter.team}


def clocks_for(viewer: Viewer, filters: dict[str, Any]) -> Select[Clock]:
    """The clocks that a viewer may see, by state, holder, duty, petition_id, township, number and light."""
    statement = select(Clock).where(_seen_by(viewer))
    for name in ("state", "holder", "duty", "petition_id"):
        if filters.get(name) is not None:
            statement = statement.where(getattr(Clock, name) == filters[name])
    if filters.get("township"):
        statement = statement.where(_matter(Matter.township == filters["township"]))
    if filters.get("number"):
        wanted = filters["number"].upper()
        statement = statement.where(_matter(Matter.number.contains(wanted, autoescape=True)))
    if filters.get("light"):
        statement = unfinished(statement.where(has_light(Light(filters["light"]))))
    return statement


def unfinished(statement: Select[Clock]) -> Select[Clock]:
    """Those that have not stopped, as list_key says first of all: most have, and its index passes them by."""
    return statement.where(Clock.list_key < "1")


def clock_for(session: Session, viewer: Viewer, clock_id: UUID) -> Clock:
    """One clock. Raises NotFound alike where it does not exist and where it may not be seen."""
    found = session.scalar(clocks_for(viewer, {}).where(Clock.id == clock_id))
    if found is None:
        raise NotFound(N_("There is no such clock, or it is not yours to see."))
    return found


def requests_for(viewer: Viewer, state: str | None) -> Select[ClockRequest]:
    """The requests that a viewer may read, in a state where given."""
    seen = select(Clock.id).where(_seen_by(viewer, CLOCK_REQUESTS))  # as rules.knows_reasons
    statement = select(ClockRequest).where(ClockRequest.clock_id.in_(seen))
    return statement.where(ClockRequest.state == state) if state else statement


def has_light(light: Light) -> ColumnElement[bool]:
    """The condition under which a clock has a light today, as `rules.light` says it for one.

    yellow_on is never after orange_on, and that never after due_on; what follows from this is not asked, so
    that the database guesses the number of rows well.
    """
    if light is Light.PAUSED:
        return Clock.state == State.PAUSED
    today = time.today()
    conditions = {
        Light.RED: Clock.due_on < today,
        Light.ORANGE: and_(Clock.due_on >= today, Clock.orange_on <= today),
        Light.YELLOW: and_(Clock.orange_on > today, Clock.yellow_on <= today),
        Light.GREEN: Clock.yellow_on > today,
    }
    return and_(Clock.state == State.RUNNING, conditions[light])


def waiting(session: Session, viewer: Viewer) -> int:
    """How many requests wait for the head's decision."""
    pending = requests_for(viewer, PENDING).with_only_columns(func.count())
    return session.scalar(pending) or 0


def request_for(session: Session, viewer: Viewer, request_id: UUID) -> ClockRequest:
    """One request. Raises NotFound alike where it does not exist and where it may not be seen."""
    found = session.scalar(requests_for(viewer, None).where(ClockRequest.id == request_id))
    if found is None:
        raise NotFound(N_("There is no such request, or it is not yours to see."))
    return found


@dataclass(frozen=True)
class Lights:
    """How many clocks of a holder, or of a duty, show which light; oldest: the last day longest past."""

    of: str
    counts: dict[Light, int]
    oldest: date | None

    @property
    def all(self) -> int:
        """Those that have not stopped."""
        return sum(self.counts.values())

    @property
    def days_late(self) -> int:
        """Calendar days since the last day longest past; 0 where nothing is late."""
        return (time.today() - self.oldest).days if self.oldest else 0


def counted(
    session: Session, viewer: Viewer, by: InstrumentedAttribute[str] = Clock.holder, **filters: Any
) -> list[Lights]:
    """The lights of what has not stopped, by holder or duty, in the order of the codes."""
    counts = [func.count(case((has_light(light), 1))).label(light.value) for light in Light]
    oldest = func.min(case((has_light(Light.RED), Clock.due_on))).label("oldest")
    seen = unfinished(clocks_for(viewer, filters))
    statement = seen.with_only_columns(by.label("of"), *counts, oldest).group_by(by).order_by(by)
    return [
        Lights(row["of"], {light: row[light.value] for light in Light}, row["oldest"])
        for row in session.execute(statement).mappings()
    ]


def in_all(lights: Iterable[Lights]) -> dict[Light, int]:
    """How many show which light together."""
    listed = list(lights)
    return {light: sum(each.counts[light] for each in listed) for light in Light}


def summary(session: Session, viewer: Viewer) -> dict[str, Any]:
    """How many clocks show which light, over all and by holder; what has stopped is not counted."""
    holders = counted(session, viewer)  # by code: a high count is no blame
    rows = [{"holder": each.of} | {light.value: n for light, n in each.counts.items()} for each in holders]
    totals = {light.value: n for light, n in in_all(holders).items()}
    return {"as_of": time.today(), "lights": totals, "holders": rows}


def _seen_by(viewer: Viewer, scope: Scope = CLOCKS) -> ColumnElement[bool]:
    return and_(not_excluded(Clock.petition_id, viewer), _within(scope, viewer))


def _within(scope: Scope, viewer: Viewer) -> ColumnElement[bool]:
    def own() -> ColumnElement[bool]:
        held = Clock.holder == viewer.unit
        column = IN_CHARGE.get(viewer.role)
        return held if column is None else or_(held, _matter(column == viewer.unit))

    in_township = partial(_matter, Matter.township == viewer.township)
    return scope.where(viewer, {Reach.UNIT: own, Reach.TOWNSHIP: in_township})


def _matter(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return Clock.petition_id.in_(select(Matter.petition_id).where(condition))
