"""Declares intake 受理: what it publishes, handles, shows and keeps."""

import click
from flask import Blueprint

from services.intake.base import Base
from services.intake.first_reading import models as _first_reading
from services.intake.identities import models as _identities
from services.intake.imports import models as _imports
from services.intake.imports import tasks as import_tasks
from services.intake.imports.demo import load_sample
from services.intake.portal import models as _portal
from services.intake.progress import handlers as progress
from services.intake.registration import models as _registration
from services.intake.screening import models as _screening
from services.intake.sealed_route import models as _sealed_route
from services.intake.transfers import models as _transfers
from shared.bus.handlers import handlers_in
from shared.contracts import intake as events
from shared.errors import N_
from shared.identity.roles import Role
from shared.runtime.service import MenuEntry, Service, Task

TABLES = (  # imported so that their tables are known
    _first_reading,
    _identities,
    _imports,
    _portal,
    _registration,
    _screening,
    _sealed_route,
    _transfers,
)


def _blueprints() -> tuple[Blueprint, ...]:
    from services.intake.first_reading.api import api as first_reading
    from services.intake.imports.api import api as imports_api
    from services.intake.imports.pages import pages as imports
    from services.intake.portal.api import api as portal
    from services.intake.registration.api import api as registration
    from services.intake.screening.api import api as screening
    from services.intake.sealed_route.api import api as sealed_route
    from services.intake.transfers.api import api as transfers

    return (
        imports,
        imports_api,
        registration,
        screening,
        transfers,
        sealed_route,
        first_reading,
        portal,
    )


def _commands() -> tuple[click.Command, ...]:
    from services.intake.imports.cli import import_file

    return (import_file,)


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
    ),
    handlers=handlers_in(progress),
    metadata=Base.metadata,
    blueprints=_blueprints,
    tasks=(
        Task("imports", 1.0, import_tasks.run),
        Task("old-imports", 3600.0, import_tasks.clean),
    ),
    commands=_commands,
    menu=(MenuEntry("imports.overview", N_("Import of petitions"), frozenset({Role.CLERK})),),
    demo=load_sample,
)
