"""Declares supervision 督办: what it publishes, handles, shows and keeps."""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from flask import Blueprint
from sqlalchemy.orm import Session

from services.supervision.base import Base
from services.supervision.clocks import models as _clocks
from services.supervision.clocks.figures import figures
from services.supervision.clocks.rules import OVERSEERS, READERS
from services.supervision.clocks.watch import follow_calendar, lights_changed, watch
from services.supervision.letters import models as _letters
from services.supervision.matters import handlers
from services.supervision.matters import models as _matters
from services.supervision.terms import models as _terms
from services.supervision.terms.load import load_terms
from shared.bus.handlers import handlers_in
from shared.contracts import supervision as events
from shared.county import County
from shared.errors import N_
from shared.identity.roles import EVERY_ROLE
from shared.identity.scopes import CLOCKS
from shared.ledger.handlers import hear_ledgers
from shared.runtime.service import MenuEntry, PetitionPart, Service, Task

if TYPE_CHECKING:
    from shared.web.forms import Form

TABLES = (_terms, _matters, _clocks, _letters)  # imported so that their tables are known
MINUTE = 60.0


def _blueprints() -> tuple[Blueprint, ...]:
    from services.supervision.clocks.api import api as clocks
    from services.supervision.clocks.api import requests_api
    from services.supervision.clocks.steps import pages as duties
    from services.supervision.letters.api import api as letters
    from services.supervision.letters.pages import pages as letter_pages
    from services.supervision.terms.api import api as terms
    from services.supervision.terms.pages import pages as term_pages

    return (duties, term_pages, terms, clocks, requests_api, letters, letter_pages)


def _desk() -> str:
    from services.supervision.clocks.desk import desk_part

    return desk_part()


def _petition_part(petition_id: UUID, forms: "Mapping[str, Form]") -> PetitionPart:
    from services.supervision.clocks.part import petition_part

    return petition_part(petition_id, forms)


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
        events.LetterIssuedV1,
        events.LedgerSignedV1,
    ),
    handlers=(*handlers_in(handlers), *hear_ledgers("supervision")),
    holds=(_matters.Matter,),
    metadata=Base.metadata,
    blueprints=_blueprints,
    tasks=(Task("watch", MINUTE, watch), Task("calendar", MINUTE, follow_calendar)),
    menu=(
        MenuEntry("duties.listing", N_("Duties"), frozenset(READERS)),
        MenuEntry("duties.late", N_("Where it lies"), OVERSEERS),
        MenuEntry("duties.asked", N_("Extensions and pauses"), OVERSEERS),
        MenuEntry("letters.listing", N_("Supervision letters"), frozenset(READERS)),
        MenuEntry("terms.show", N_("Terms"), EVERY_ROLE),
    ),
    scope=CLOCKS,
    desk=_desk,
    petition_part=_petition_part,
    load_county=_load_county,
    figures=figures,
)
