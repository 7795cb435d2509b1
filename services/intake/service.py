"""Declares intake 受理: what it publishes, handles, shows and keeps."""

from flask import Blueprint

from services.intake.base import Base
from shared.errors import N_
from shared.runtime.service import Service


def _blueprints() -> tuple[Blueprint, ...]:
    from services.intake.home.pages import pages as home

    return (home,)


SERVICE = Service(
    name="intake",
    title=N_("Intake"),
    package="services.intake",
    publishes=(),
    handlers=(),
    metadata=Base.metadata,
    blueprints=_blueprints,
)
