"""Reading clocks: only what the viewer may see (M8 recusal, role), by light as it is today."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from services.supervision.clocks.models import Clock, ClockRequest
from services.supervision.clocks.rules import Light, State
from services.supervision.matters.models import Matter
from shared import clock as time
from shared.errors import N_, NotFound
from shared.identity.recusal import not_excluded
from shared.identity.roles import SEES_ALL, Role, Viewer

IN_CHARGE = {Role.LEADER: Matter.leader, Role.OFFICE: Matter.office, Role.TEAM: Matter.team}


def clocks_for(viewer: Viewer, filters: dict[str, Any]) -> Select[Clock]:
    """The clocks that a viewer may see, by state, holder, duty, petition_id, township and light."""
    statement = select(Clock).where(_seen_by(viewer))
    for name in ("state", "holder", "duty", "petition_id"):
        if filters.get(name) is not None:
            statement = statement.where(getattr(Clock, name) == filters[name])
    if filters.get("township"):
        statement = statement.where(_matter(Matter.township == filters["township"]))
    if filters.get("light"):
        statement = statement.where(has_light(Light(filters["light"])))
    return statement


def clock_for(session: Session, viewer: Viewer, clock_id: UUID) -> Clock:
    """One clock. Raises NotFound alike where it does not exist and where it may not be seen."""
    found = session.scalar(clocks_for(viewer, {}).where(Clock.id == clock_id))
    if found is None:
        raise NotFound(N_("There is no such clock, or it is not yours to see."))
    return found


def requests_for(viewer: Viewer, state: str | None) -> Select[ClockRequest]:
    """The requests about clocks that a viewer may see, in a state where given."""
    statement = select(ClockRequest).where(
        ClockRequest.clock_id.in_(select(Clock.id).where(_seen_by(viewer)))
    )
    return statement.where(ClockRequest.state == state) if state else statement


def requests_listed(session: Session, viewer: Viewer, state: str | None) -> Sequence[ClockRequest]:
    """The newest 200 requests."""
    newest = requests_for(viewer, state).order_by(ClockRequest.asked_at.desc()).limit(200)
    return session.scalars(newest).all()


def has_light(light: Light) -> ColumnElement[bool]:
    """The condition under which a clock has a light today, as `rules.light` says it for one."""
    if light is Light.PAUSED:
        return Clock.state == State.PAUSED
    today = time.today()
    conditions = {
        Light.RED: Clock.due_on < today,
        Light.ORANGE: and_(Clock.due_on >= today, Clock.orange_on <= today),
        Light.YELLOW: and_(Clock.due_on >= today, Clock.orange_on > today, Clock.yellow_on <= today),
        Light.GREEN: and_(Clock.due_on >= today, Clock.orange_on > today, Clock.yellow_on > today),
    }
    return and_(Clock.state == State.RUNNING, conditions[light])


def summary(session: Session, viewer: Viewer) -> dict[str, Any]:
    """How many clocks show which light, over all and by holder; what has stopped is not counted."""
    counts = [func.count(case((has_light(light), 1))).label(light.value) for light in Light]
    statement = (
        select(Clock.holder, *counts)
        .where(_seen_by(viewer), Clock.state != State.STOPPED)
        .group_by(Clock.holder)
        .order_by(Clock.holder)  # by code: a high count is no blame
    )
    rows = [dict(row) for row in session.execute(statement).mappings()]
    totals = {light.value: sum(row[light.value] for row in rows) for light in Light}
    return {"as_of": time.today(), "lights": totals, "holders": rows}


def _seen_by(viewer: Viewer) -> ColumnElement[bool]:
    return and_(not_excluded(Clock.petition_id, viewer), _scope(viewer))


def _scope(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.role in SEES_ALL:
        return true()
    own = Clock.holder == viewer.unit
    if viewer.role is Role.TOWNSHIP:
        return or_(own, _matter(Matter.township == viewer.township))
    if (column := IN_CHARGE.get(viewer.role)) is not None:
        return or_(own, _matter(column == viewer.unit))
    return own  # an agency


def _matter(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return Clock.petition_id.in_(select(Matter.petition_id).where(condition))
