"""A service is one object: what it is called, publishes, handles, shows and keeps.

The composer, migrations, permissions, AsyncAPI and the tests all read it.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import MetaData
from sqlalchemy.orm import Session

from shared.bus.handlers import Handler
from shared.contracts.registry import EventSchema, contract_of
from shared.crypto.master import Keyring
from shared.db import cursor, inbox, numbers, outbox, watch
from shared.db.base import SharedBase
from shared.db.engine import Database
from shared.identity import accounts, credentials, recusal, sessions, tokens
from shared.identity.keys import Keys
from shared.identity.roles import Role
from shared.identity.scopes import NOTHING, Scope
from shared.ledger import models as ledger
from shared.ledger.digests import Digests
from shared.runtime.settings import Settings

if TYPE_CHECKING:
    import click
    from flask import Blueprint

    from shared.county import County
    from shared.web.forms import Form


# Imported so that the tables which shared code brings into every database are known.
SHARED_TABLES = (
    outbox,
    inbox,
    cursor,
    watch,
    numbers,
    accounts,
    credentials,
    sessions,
    recusal,
    tokens,
    ledger,
)


@dataclass(frozen=True)
class Task:
    """Work that a service does by itself: `run` does one portion and says whether more waits."""

    name: str
    every_seconds: float
    run: "Callable[[Instance], bool]"


@dataclass(frozen=True)
class MenuEntry:
    """A page that its roles find in the service's menu. `title` is a msgid."""

    endpoint: str
    title: str
    roles: frozenset[Role]


@dataclass(frozen=True)
class PetitionPart:
    """What a service contributes to the page of a petition, as HTML."""

    number: str  # the petition's, which heads the page
    main: str
    side: str = ""  # stands beside on a wide screen


@dataclass(frozen=True)
class Figure:
    """A number for Prometheus, `huajie_<name>`. Labels are codes of few values: of no matter and nobody."""

    name: str
    text: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Service:
    """The declaration of one service."""

    name: str
    title: str  # a msgid
    package: str
    publishes: tuple[type[EventSchema], ...]
    handlers: tuple[Handler, ...]
    metadata: MetaData
    blueprints: "Callable[[], tuple[Blueprint, ...]]"  # late: pages are not needed by a worker
    holds: tuple[type, ...] = ()  # tables with a row for each petition that its handlers work on
    tasks: tuple[Task, ...] = ()
    menu: tuple[MenuEntry, ...] = ()
    desk: "Callable[[], str] | None" = None  # its part of the viewer's desk, as HTML
    petition_part: "Callable[[UUID, Mapping[str, Form]], PetitionPart] | None" = None
    scope: Scope = NOTHING  # of its part of a petition's page
    load_county: "Callable[[Session, County], None] | None" = None
    prepare: "Callable[[Instance], None] | None" = None  # makes what it must have before it starts
    verify: "Callable[[Instance], None] | None" = None  # raises SettingError where it may not start
    check: "Callable[[Instance], Iterable[tuple[bool, str]]] | None" = None  # lines for `huajie check`
    operation: "Callable[[], str] | None" = None  # its own part of the operator's page, as HTML
    commands: "Callable[[], tuple[click.Command, ...]]" = tuple  # of the `huajie` command line
    figures: "Callable[[Session], Iterable[Figure]] | None" = None  # what it lets be watched of its matters
    demo: "Callable[[Instance, Callable[[str], None]], None] | None" = None  # loads its sample

    @property
    def subscribes(self) -> tuple[type[EventSchema], ...]:
        """The events that its handlers ask for."""
        return tuple(dict.fromkeys(h.contract.schema for h in self.handlers))

    @property
    def keys(self) -> list[str]:
        """The keys of the events that it handles, without the agency."""
        return sorted(contract_of(schema).key for schema in self.subscribes)

    def bindings(self, agency: str) -> list[str]:
        """The exact keys that its queue binds to where it runs for an agency."""
        return sorted(contract_of(schema).binding_for(agency) for schema in self.subscribes)

    @property
    def all_metadata(self) -> list[MetaData]:
        """Its own tables and those that shared code brings."""
        return [self.metadata, SharedBase.metadata]

    @property
    def directory(self) -> Path:
        """The folder of its package."""
        import importlib

        file = importlib.import_module(self.package).__file__
        assert file is not None
        return Path(file).parent


@dataclass
class Instance:
    """One running service: the declaration with its settings, its database and its signals."""

    service: Service
    settings: Settings
    db: Database = field(init=False)
    keys: Keys = field(init=False)
    digests: Digests = field(init=False)
    master_keys: Keyring = field(init=False)
    relay_wake: threading.Event = field(default_factory=threading.Event)
    work_wake: threading.Event = field(default_factory=threading.Event)
    catch_up_wake: threading.Event = field(default_factory=threading.Event)
    # In one process the peers are reached without a network: the WSGI application of a service.
    local_peer: Callable[[str], Any] | None = None

    def __post_init__(self) -> None:
        self.keys = Keys(self.settings.signing_keys, self.settings.agency, self.service.name)
        self.digests = Digests(self.keys, self.settings.cipher_suite)
        self.db = Database(
            self.settings.database_url_for(self.service.name),
            agency=self.settings.agency,
            wake=self.relay_wake.set,
            ledger=self.digests,
        )
        self.master_keys = Keyring(self.settings.master_keyring)

    @property
    def keeps_sign_in(self) -> bool:
        """Whether this service keeps the passwords and sessions of the installation (SIGN_IN_AT)."""
        return self.settings.sign_in_at == self.service.name
