"""Declares assignment 包案: what it publishes, handles, shows and keeps."""

from flask import Blueprint

from services.assignment.base import Base
from shared.errors import N_
from shared.runtime.service import Service


def _blueprints() -> tuple[Blueprint, ...]:
    from services.assignment.home.pages import pages as home

    return (home,)


SERVICE = Service(
    name="assignment",
    title=N_("Cases in charge"),
    package="services.assignment",
    publishes=(),
    handlers=(),
    metadata=Base.metadata,
    blueprints=_blueprints,
)
