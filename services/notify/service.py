"""Declares notify 通知: what it publishes, handles, shows and keeps."""

from flask import Blueprint

from services.notify.base import Base
from services.notify.concerned import models as _concerned
from services.notify.concerned.commands import load_units
from services.notify.delivery import models as _delivery
from services.notify.delivery.tasks import send_mail
from services.notify.inbox import handlers
from services.notify.inbox import models as _inbox
from shared.bus.handlers import handlers_in
from shared.contracts import notify as events
from shared.errors import N_
from shared.identity.roles import EVERY_ROLE, Role
from shared.runtime.service import MenuEntry, Service, Task

TABLES = (_concerned, _delivery, _inbox)  # imported so that their tables are known


def _blueprints() -> tuple[Blueprint, ...]:
    from services.notify.delivery.api import api as deliveries
    from services.notify.delivery.pages import pages as delivery_pages
    from services.notify.inbox.api import api as inbox
    from services.notify.inbox.pages import pages as inbox_pages

    return (inbox_pages, inbox, delivery_pages, deliveries)


def _desk() -> str:
    from services.notify.inbox.pages import desk_part

    return desk_part()


SERVICE = Service(
    name="notify",
    title=N_("Messages"),
    package="services.notify",
    publishes=(events.NoticeFailedV1,),
    handlers=handlers_in(handlers),
    metadata=Base.metadata,
    menu=(
        MenuEntry("inbox.show", N_("Inbox"), EVERY_ROLE),
        MenuEntry("failed.show", N_("Undelivered e-mails"), frozenset({Role.SUPERVISOR, Role.OPERATOR})),
    ),
    desk=_desk,
    blueprints=_blueprints,
    tasks=(Task("mail", every_seconds=5.0, run=send_mail),),
    load_county=load_units,
)
