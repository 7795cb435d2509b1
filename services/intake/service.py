"""Declares intake 受理: what it publishes, handles, shows and keeps."""

from flask import Blueprint

from services.intake.base import Base
from services.intake.identities import models as _identities
from services.intake.registration import models as _registration
from shared.contracts import intake as events
from shared.errors import N_
from shared.runtime.service import Service

TABLES = (_identities, _registration)  # imported so that their tables are known


def _blueprints() -> tuple[Blueprint, ...]:
    from services.intake.home.pages import pages as home
    from services.intake.registration.api import api as registration

    return (home, registration)


SERVICE = Service(
    name="intake",
    title=N_("Intake"),
    package="services.intake",
    publishes=(events.PetitionRegisteredV1,),
    handlers=(),
    metadata=Base.metadata,
    blueprints=_blueprints,
)
