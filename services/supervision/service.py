"""Declares supervision 督办: what it publishes, handles, shows and keeps."""

from flask import Blueprint

from services.supervision.base import Base
from shared.errors import N_
from shared.runtime.service import Service


def _blueprints() -> tuple[Blueprint, ...]:
    from services.supervision.home.pages import pages as home

    return (home,)


SERVICE = Service(
    name="supervision",
    title=N_("Supervision"),
    package="services.supervision",
    publishes=(),
    handlers=(),
    metadata=Base.metadata,
    blueprints=_blueprints,
)
