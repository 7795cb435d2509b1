"""Declares notify 通知: what it publishes, handles, shows and keeps."""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from flask import Blueprint

from services.notify.base import Base
from services.notify.concerned import models as _concerned
from services.notify.concerned.commands import load_units
from services.notify.delivery import models as _delivery
from services.notify.delivery.tasks import send_mail
from services.notify.inbox import handlers
from services.notify.inbox import models as _inbox
from services.notify.network import handlers as network
from services.notify.network import models as _network
from services.notify.network.queries import READERS
from services.notify.network.tasks import end_expired
from shared.bus.handlers import handlers_in
from shared.contracts import notify as events
from shared.errors import N_
from shared.identity.roles import EVERY_ROLE, Role
from shared.identity.scopes import SHARED_MATTERS
from shared.ledger.handlers import hear_ledgers
from shared.runtime.service import MenuEntry, PetitionPart, Service, Task

if TYPE_CHECKING:
    from shared.web.forms import Form

TABLES = (_concerned, _delivery, _inbox, _network)  # imported so that their tables are known


def _blueprints() -> tuple[Blueprint, ...]:
    from services.notify.delivery.api import api as deliveries
    from services.notify.delivery.pages import pages as delivery_pages
    from services.notify.inbox.api import api as inbox
    from services.notify.inbox.pages import pages as inbox_pages
    from services.notify.network.api import api as network_api
    from services.notify.network.pages import pages as network_pages

    return (inbox_pages, inbox, delivery_pages, deliveries, network_pages, network_api)


def _desk() -> str:
    from services.notify.inbox.pages import desk_part
    from services.notify.network.pages import desk_card

    return desk_card() + desk_part()


def _petition_part(petition_id: UUID, forms: "Mapping[str, Form]") -> PetitionPart:
    from services.notify.network.pages import petition_part

    return petition_part(petition_id)


SERVICE = Service(
    name="notify",
    title=N_("Messages"),
    package="services.notify",
    publishes=(
        events.NoticeFailedV1,
        events.ExtractIssuedV1,
        events.ExtractReadV1,
        events.ExtractAnsweredV1,
        events.ExtractEndedV1,
        events.LedgerSignedV1,
    ),
    # In this order: who is excluded comes first.
    handlers=(*handlers_in(handlers), *handlers_in(network), *hear_ledgers("notify")),
    holds=(_concerned.InCharge,),
    metadata=Base.metadata,
    menu=(
        MenuEntry("inbox.show", N_("Inbox"), EVERY_ROLE),
        MenuEntry("network.listing", N_("Information network"), frozenset(READERS)),
        MenuEntry("failed.show", N_("Undelivered e-mails"), frozenset({Role.SUPERVISOR, Role.OPERATOR})),
    ),
    desk=_desk,
    blueprints=_blueprints,
    petition_part=_petition_part,
    scope=SHARED_MATTERS,
    tasks=(
        Task("mail", every_seconds=5.0, run=send_mail),
        Task("extracts", every_seconds=600.0, run=end_expired),
    ),
    load_county=load_units,
)
