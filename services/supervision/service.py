"""Declares supervision 督办: what it publishes, handles, shows and keeps."""

from flask import Blueprint
from sqlalchemy.orm import Session

from services.supervision.base import Base
from services.supervision.clocks import models as _clocks
from services.supervision.clocks.watch import follow_calendar, lights_changed, watch
from services.supervision.matters import handlers
from services.supervision.matters import models as _matters
from services.supervision.terms import models as _terms
from services.supervision.terms.load import load_terms
from shared.bus.handlers import handlers_in
from shared.contracts import supervision as events
from shared.county import County
from shared.errors import N_
from shared.runtime.service import Service, Task

TABLES = (_terms, _matters, _clocks)  # imported so that their tables are known
MINUTE = 60.0


def _blueprints() -> tuple[Blueprint, ...]:
    from services.supervision.clocks.api import api as clocks
    from services.supervision.clocks.api import requests_api
    from services.supervision.terms.api import api as terms

    return (terms, clocks, requests_api)


def _load_county(session: Session, county: County) -> None:
    if load_terms(session, county):
        lights_changed(session)


SERVICE = Service(
    name="supervision",
    title=N_("Supervision"),
    package="services.supervision",
    publishes=(
        events.ClockStartedV1,
        events.ClockMovedV1,
        events.ClockWarnedV1,
        events.ClockExpiredV1,
        events.ClockStoppedV1,
    ),
    handlers=handlers_in(handlers),
    metadata=Base.metadata,
    blueprints=_blueprints,
    tasks=(Task("watch", MINUTE, watch), Task("calendar", MINUTE, follow_calendar)),
    load_county=_load_county,
)
