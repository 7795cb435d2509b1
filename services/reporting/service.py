"""Declares reporting 报告: what it publishes, handles, shows and keeps."""

from flask import Blueprint

from services.reporting.base import Base
from shared.errors import N_
from shared.runtime.service import Service


def _blueprints() -> tuple[Blueprint, ...]:
    from services.reporting.home.pages import pages as home

    return (home,)


SERVICE = Service(
    name="reporting",
    title=N_("Reports"),
    package="services.reporting",
    publishes=(),
    handlers=(),
    metadata=Base.metadata,
    blueprints=_blueprints,
)
