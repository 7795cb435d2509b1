"""Declares notify 通知: what it publishes, handles, shows and keeps."""

from flask import Blueprint

from services.notify.base import Base
from shared.errors import N_
from shared.runtime.service import Service


def _blueprints() -> tuple[Blueprint, ...]:
    from services.notify.home.pages import pages as home

    return (home,)


SERVICE = Service(
    name="notify",
    title=N_("Messages"),
    package="services.notify",
    publishes=(),
    handlers=(),
    metadata=Base.metadata,
    blueprints=_blueprints,
)
