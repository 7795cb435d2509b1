"""Declares intake 受理: what it publishes, handles, shows and keeps."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

import click
from flask import Blueprint

from services.intake.attachments import models as _attachments
from services.intake.attachments import scan
from services.intake.base import Base
from services.intake.first_reading import models as _first_reading
from services.intake.identities import models as _identities
from services.intake.identities import retention, rotation
from services.intake.imports import models as _imports
from services.intake.imports import tasks as import_tasks
from services.intake.imports.demo import load_sample
from services.intake.messages import models as _messages
from services.intake.petitioner_requests import models as _petitioner_requests
from services.intake.portal import models as _portal
from services.intake.progress import handlers as progress
from services.intake.progress.models import Progress
from services.intake.registration import models as _registration
from services.intake.screening import models as _screening
from services.intake.sealed_route import models as _sealed_route
from services.intake.transfers import models as _transfers
from shared.bus.handlers import handlers_in
from shared.contracts import intake as events
from shared.errors import N_
from shared.identity.roles import CASEWORK, Role
from shared.identity.scopes import PETITION_PAGE
from shared.ledger.handlers import hear_ledgers
from shared.runtime.service import Instance, MenuEntry, PetitionPart, Service, Task

if TYPE_CHECKING:
    from shared.web.forms import Form

TABLES = (  # imported so that their tables are known
    _attachments,
    _first_reading,
    _identities,
    _imports,
    _messages,
    _petitioner_requests,
    _portal,
    _registration,
    _screening,
    _sealed_route,
    _transfers,
)


def _blueprints() -> tuple[Blueprint, ...]:
    from services.intake.attachments.api import api as attachments
    from services.intake.first_reading.api import api as first_reading
    from services.intake.first_reading.pages import pages as reading
    from services.intake.identities.api import api as identities
    from services.intake.imports.api import api as imports_api
    from services.intake.imports.pages import pages as imports
    from services.intake.messages.api import api as messages
    from services.intake.petition_page.pages import pages as petition_page
    from services.intake.petitioner_requests.api import api as petitioner_requests
    from services.intake.portal.api import api as portal_api
    from services.intake.portal.pages import pages as portal
    from services.intake.registration.api import api as registration
    from services.intake.registration.pages import pages as register
    from services.intake.screening.api import api as screening
    from services.intake.screening.pages import pages as screening_pages
    from services.intake.sealed_route.api import api as sealed_route
    from services.intake.sealed_route.pages import pages as sealed
    from services.intake.transfers.api import api as transfers
    from services.intake.transfers.pages import pages as transfer_pages

    return (
        register,
        petition_page,
        screening_pages,
        reading,
        transfer_pages,
        sealed,
        imports,
        imports_api,
        registration,
        identities,
        screening,
        transfers,
        sealed_route,
        first_reading,
        portal,
        portal_api,
        attachments,
        messages,
        petitioner_requests,
    )


def _desk() -> str:
    from services.intake.desk.part import desk_part

    return desk_part()


def _petition_part(petition_id: UUID, forms: "Mapping[str, Form]") -> PetitionPart:
    from services.intake.petition_page.part import petition_part

    return petition_part(petition_id, forms)


def _operation() -> str:
    from services.intake.identities.operation import operation_part

    return operation_part()


def _commands() -> tuple[click.Command, ...]:
    from services.intake.identities.cli import master_key
    from services.intake.imports.cli import import_file

    return (import_file, master_key)


def _check(instance: Instance) -> Iterator[tuple[bool, str]]:
    yield from rotation.check(instance)
    yield from scan.check(instance)


SERVICE = Service(
    name="intake",
    title=N_("Intake"),
    package="services.intake",
    publishes=(
        events.PetitionRegisteredV1,
        events.PetitionAcceptedV1,
        events.PetitionDeclinedV1,
        events.PetitionTransferredV1,
        events.PetitionWithdrawnV1,
        events.TransferSignedV1,
        events.TransferReturnedV1,
        events.InstructionSignedV1,
        events.PetitionRatedV1,
        events.MessageReceivedV1,
        events.RequestMadeV1,
        events.LedgerSignedV1,
    ),
    handlers=(*handlers_in(progress), *hear_ledgers("intake")),
    holds=(Progress,),
    metadata=Base.metadata,
    blueprints=_blueprints,
    tasks=(
        Task("imports", 1.0, import_tasks.run),
        Task("old-imports", 3600.0, import_tasks.clean),
        Task("virus-scan", 2.0, scan.run),
        Task("erasure", 21_600.0, retention.run),
    ),
    commands=_commands,
    menu=(
        MenuEntry("register.listing", N_("Register"), CASEWORK),
        MenuEntry("reading.listing", N_("First reading"), frozenset({Role.HEAD})),
        MenuEntry(
            "transfers.listing",
            N_("Transfers"),
            frozenset({Role.LIAISON, Role.CLERK, Role.HEAD, Role.SUPERVISOR}),
        ),
        MenuEntry("reading.delegations", N_("Delegations"), frozenset({Role.HEAD, Role.SUPERVISOR})),
        MenuEntry("imports.overview", N_("Import of petitions"), frozenset({Role.CLERK})),
        MenuEntry("sealed.listing", N_("Sealed register"), frozenset({Role.CLERK})),
    ),
    scope=PETITION_PAGE,
    desk=_desk,
    petition_part=_petition_part,
    operation=_operation,
    prepare=rotation.prepare,
    verify=rotation.verify_own,
    check=_check,
    demo=load_sample,
)
