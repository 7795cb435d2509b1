"""Supervision's part of everybody's desk: today's duties, and for those who oversee where lateness lies."""

from flask import render_template

from services.supervision.clocks import queries, requests
from services.supervision.clocks.models import Clock, ClockRequest
from services.supervision.clocks.pages import IN_LISTS, WITH_CLOCK, worst_first
from services.supervision.clocks.rules import OVERSEERS, PENDING, READERS, Light
from shared.identity.roles import SEES_ALL
from shared.web.access import current_viewer
from shared.web.parts import StepForms
from shared.web.request import current_session

MOST = 10
NEAR = (Light.RED, Light.ORANGE, Light.YELLOW)


def desk_part() -> str:
    """HTML; nothing for who sees no clocks."""
    session, viewer = current_session(), current_viewer()
    if viewer.role not in READERS:
        return ""
    oversees = viewer.role in OVERSEERS
    if viewer.role in SEES_ALL and not oversees:
        holders = queries.counted(session, viewer, holder=viewer.unit)
    else:
        holders = queries.counted(session, viewer)
    own = queries.unfinished(queries.clocks_for(viewer, {"holder": viewer.unit}))
    waiting = queries.requests_for(viewer, PENDING).options(*WITH_CLOCK).order_by(ClockRequest.list_key)
    others = queries.in_all(each for each in holders if each.of != viewer.unit)
    return render_template(
        "supervision/desk.html",
        oversees=oversees,
        duties=session.scalars(own.options(*IN_LISTS).order_by(Clock.list_key).limit(MOST)).all(),
        lights=queries.in_all(each for each in holders if each.of == viewer.unit),
        others=others,
        everywhere=queries.in_all(holders),
        units=[each for each in worst_first(holders) if any(each.counts[light] for light in NEAR)][:MOST],
        asked_for=session.scalars(waiting.limit(MOST)).all() if oversees else [],
        waits=queries.waiting(session, viewer) if oversees else 0,
        proposed=requests.proposed_due_on,
        forms=StepForms({}),
    )
