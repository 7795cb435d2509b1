"""Declares assignment 包案: what it publishes, handles, shows and keeps."""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from flask import Blueprint

from services.assignment.base import Base
from services.assignment.cases import commands as cases
from services.assignment.cases import handlers as case_handlers
from services.assignment.cases import models as _cases
from services.assignment.closing import handlers as closing_handlers
from services.assignment.closing import models as _closing
from services.assignment.duties import handlers as duty_handlers
from services.assignment.duties import models as _duties
from services.assignment.handling import models as _handling
from services.assignment.plan import models as _plan
from services.assignment.roster import models as _roster
from services.assignment.roster.commands import load_county
from shared.bus.handlers import handlers_in
from shared.contracts import assignment as events
from shared.errors import N_
from shared.identity.roles import CASEWORK, EVERY_ROLE
from shared.identity.scopes import CASES
from shared.ledger.handlers import hear_ledgers
from shared.runtime.service import Instance, MenuEntry, PetitionPart, Service, Task

if TYPE_CHECKING:
    from shared.web.forms import Form

TABLES = (_roster, _cases, _duties, _plan, _handling, _closing)  # imported so that their tables are known
MINUTE = 60.0


def _blueprints() -> tuple[Blueprint, ...]:
    from services.assignment.cases.api import api as cases_api
    from services.assignment.cases.pages import pages as case_pages
    from services.assignment.closing.api import api as closing
    from services.assignment.closing.pages import pages as closing_pages
    from services.assignment.handling.api import api as handling
    from services.assignment.handling.pages import pages as handling_pages
    from services.assignment.plan.api import api as plan
    from services.assignment.plan.pages import pages as plan_pages
    from services.assignment.roster.api import api as roster
    from services.assignment.roster.pages import pages as roster_pages

    return (
        roster,
        cases_api,
        plan,
        handling,
        closing,
        case_pages,
        plan_pages,
        handling_pages,
        closing_pages,
        roster_pages,
    )


def _desk() -> str:
    from services.assignment.cases.desk import desk_part

    return desk_part()


def _petition_part(petition_id: UUID, forms: "Mapping[str, Form]") -> PetitionPart:
    from services.assignment.cases.part import petition_part

    return petition_part(petition_id, forms)


def _hand_over(instance: Instance) -> bool:
    with instance.db.read() as session:
        if not cases.is_hand_over_due(session):
            return False
    with instance.db.write() as session:
        return cases.hand_over_due(session) > 0


SERVICE = Service(
    name="assignment",
    title=N_("Cases in charge"),
    package="services.assignment",
    publishes=(
        events.CaseOpenedV1,
        events.CaseReroutedV1,
        events.PlanFixedV1,
        events.HandlingRecordedV1,
        events.ClosingProposedV1,
        events.ClosingCheckedV1,
        events.CaseClosedV1,
        events.ReplyGivenV1,
        events.CaseReopenedV1,
        events.RosterChangedV1,
        events.LedgerSignedV1,
    ),
    handlers=(*handlers_in(case_handlers, duty_handlers, closing_handlers), *hear_ledgers("assignment")),
    metadata=Base.metadata,
    blueprints=_blueprints,
    tasks=(Task("hand-over", MINUTE, _hand_over),),
    menu=(
        MenuEntry("cases.listing", N_("Cases"), CASEWORK),
        MenuEntry("roster.show", N_("Roster"), EVERY_ROLE),
    ),
    scope=CASES,
    desk=_desk,
    petition_part=_petition_part,
    load_county=load_county,
)
