"""All five services in one process, as a test drives them: clients, waiting until all is quiet, rows.

`settle()` is exact: it returns only when every event that any outbox holds is handled by everyone who
subscribes to it. It hurries what was put off, so that no test waits for a backoff.
"""

import atexit
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import Any, Self, TypeVar

from flask import Flask
from flask.testing import FlaskClient
from kombu.transport import memory
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from services import all_services
from shared import clock
from shared.contracts import envelope
from shared.contracts.envelope import Envelope
from shared.crypto.master import new_keyring, write_keyring
from shared.db.inbox import Inbox, State
from shared.db.outbox import Outbox
from shared.identity.keys import make_keys
from shared.identity.sessions import LASTS, How, open_session
from shared.runtime.compose import Together, subscriptions
from shared.runtime.service import Instance
from shared.runtime.settings import Settings
from shared.web.app import SERVICE_NAMES

SECRET = "a secret of the tests, 32 characters and more"
Row = TypeVar("Row")


@cache
def keys_for(agency: str) -> Path:
    """A folder with signing keys for the five services of an agency, and its master key."""
    directory = Path(mkdtemp(prefix="huajie-keys-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    make_keys(directory, agency, SERVICE_NAMES)
    write_keyring(directory / "master-key", new_keyring({}))
    return directory


def settings_for(directory: Path, **changes: Any) -> Settings:
    """Settings with demo passwords whose data lie in a directory; nothing is read from the environment."""
    values: dict[str, Any] = {
        "data_dir": directory,
        "database_url": None,
        "bus_url": "memory://",
        "agency": "local",
        "secret_key": SECRET,
        "keys_dir": keys_for(changes.get("agency", "local")),
        "master_key_file": keys_for(changes.get("agency", "local")) / "master-key",
        "demo": True,
        "poll_seconds": 0.25,  # for what other processes write; in this one the loops are woken
        "rate_per_post": 0,  # tests are quicker than people; tests/security has limits
        "rate_submissions": 0,
        "rate_portal": 0,
    }
    return Settings(**(values | changes))


def one_process(directory: Path, **changes: Any) -> Settings:
    """The same where all five services answer under one address, so that pages find the others' parts."""
    return settings_for(directory, nav_links={name: f"/{name}" for name in SERVICE_NAMES}, **changes)


def clear_memory_bus() -> None:
    """Forget all queues of kombu's memory transport, which are global to the process."""
    memory.Channel.queues.clear()
    memory.Transport.global_state.clear()


class Tokens:
    """Sessions of posts, opened in the database of the sign-in service; each anew before it is over."""

    def __init__(self, keeper: Instance) -> None:
        self._keeper = keeper
        self._open: dict[str, tuple[datetime, str]] = {}

    def of(self, post: str) -> str:
        """The token of a post."""
        now = clock.now()
        began, token = self._open.get(post, (None, ""))
        if began is None or not timedelta(0) <= now - began < LASTS * 0.9:
            with self._keeper.db.write() as session:
                token = open_session(session, post, How.TOKEN)
            self._open[post] = (now, token)
        return token

    def forget(self, post: str) -> None:
        """Open another session for a post: the last one may have been ended."""
        self._open.pop(post, None)


class SignedInClient(FlaskClient):
    """A client whose session is still open after months in which nothing was asked."""

    bearer: Callable[[], str] | None = None

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if self.bearer is not None:
            self.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {self.bearer()}"
        return super().open(*args, **kwargs)


def client_of(app: Flask, tokens: Tokens, post: str | None) -> SignedInClient:
    """An API client signed in as a post (None: nobody), which reads English."""
    client = SignedInClient(app, app.response_class, use_cookies=True)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    if post is not None:
        client.bearer = lambda: tokens.of(post)
    return client


@dataclass
class Look:
    """What one service's boxes hold at one moment."""

    waiting: int = 0  # in the outbox, not yet published
    due: int = 0  # in the inbox, to be handled now
    events: dict[str, set[str]] = field(default_factory=dict)  # key of the event -> ids in the outbox
    arrived: set[str] = field(default_factory=set)
    unhandled: list[str] = field(default_factory=list)
    parked: list[str] = field(default_factory=list)


class Ground:
    """The five services of a test; end it with `stop()` or as a context manager."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.services = all_services()
        self.composed = Together(self.services, settings)
        self.loops = self.composed.loops
        self.tokens = Tokens(self.composed.instances[settings.sign_in_at])
        self._subscribed = subscriptions(self.services)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _e: Any, _t: TracebackType | None) -> None:
        self.stop()

    def instance(self, service: str) -> Instance:
        return self.composed.instances[service]

    def prepare(self) -> None:
        """Migrate and load the county; the fixtures have done it where they copy databases."""
        self.composed.prepare()

    def start(self) -> None:
        self.composed.start()

    def stop(self) -> None:
        self.composed.stop()

    def client(self, service: str, post: str | None) -> FlaskClient:
        """An API client signed in as a post (None: nobody), which reads English."""
        return client_of(self.composed.app(service), self.tokens, post)

    def rows(self, service: str, model: type[Row], *conditions: Any) -> Sequence[Row]:
        """The rows of a table, detached."""
        with self.instance(service).db.read() as session:
            return session.scalars(select(model).where(*conditions)).all()

    def outbox(self, service: str, key: str | None = None) -> list[Envelope]:
        """The events of a service as they were recorded; `key` such as `intake.petition.registered.v1`.

        Without one: all but the heads of its ledger, which come when their time has come.
        """
        with self.instance(service).db.read() as session:
            bodies = session.scalars(select(Outbox.body).order_by(Outbox.seq)).all()
        events = [envelope.parse(body) for body in bodies]
        return [
            e for e in events if e.contract.key == key or (not key and e.contract.name != "ledger.signed")
        ]

    def settle(self, timeout: float = 30.0) -> None:
        """Wait until all is published and handled. Raises AssertionError saying what is stuck or parked."""
        end = time.monotonic() + timeout
        while not self._step_to_quiet():
            assert time.monotonic() < end, f"not settled after {timeout} s: {self.stuck()}"
            time.sleep(0.02)

    def carry(self) -> None:
        """Without loops: relay, fetch and handle until nothing moves; raises as `settle` does."""
        while True:
            for loops in self.loops.values():
                while loops.relay.step():
                    pass
            looks = self._look_at_all()
            for name, loops in self.loops.items():
                if self._missing(name, looks):
                    loops.catch_up.run_once()
                while loops.work.step():
                    pass
            if self._step_to_quiet():
                return

    def stuck(self) -> list[str]:
        """What is not yet published, arrived or handled, in words. Raises AssertionError if any is parked."""
        looks = self._look_at_all()
        found = [f"{name}: {look.waiting} in the outbox" for name, look in looks.items() if look.waiting]
        for name, look in looks.items():
            found += [f"{name}: {text}" for text in look.unhandled[:5]]
            found += [f"{name}: {key} has not arrived" for key in sorted(self._missing(name, looks))]
        return found

    def _step_to_quiet(self) -> bool:
        """True when all is quiet; where only put-off messages are left, they are tried at once."""
        looks = self._look_at_all()
        moving = any(look.waiting or look.due or self._missing(name, looks) for name, look in looks.items())
        if not moving and any(look.unhandled for look in looks.values()):
            self._hurry()
            return False
        return not moving

    def _missing(self, name: str, looks: dict[str, Look]) -> set[str]:
        """The keys of events that a service subscribes to and has not got."""
        return {
            key
            for producer, look in looks.items()
            for key, ids in look.events.items()
            # A service never hears itself.
            if producer != name and key in self._subscribed[name] and not ids <= looks[name].arrived
        }

    def _look_at_all(self) -> dict[str, Look]:
        looks = {name: self._look(instance) for name, instance in self.composed.instances.items()}
        parked = [f"{name}: {text}" for name, look in looks.items() for text in look.parked]
        assert not parked, f"parked: {parked}"
        return looks

    def _look(self, instance: Instance) -> Look:
        look = Look()
        with instance.db.read() as session:  # one transaction: both boxes at one moment
            for id_, type_, published in session.execute(select(Outbox.id, Outbox.type, Outbox.published_at)):
                look.events.setdefault(type_.partition(".")[2], set()).add(id_)
                look.waiting += published is None
            rows = session.execute(
                select(Inbox.id, Inbox.state, Inbox.type, Inbox.last_error, Inbox.next_attempt_at)
            ).all()
        for row in rows:
            look.arrived.add(row.id)
            if row.state == State.READY:
                look.unhandled.append(f"{row.type} waits ({row.last_error})")
                look.due += row.next_attempt_at <= clock.now()
            elif row.state == State.PARKED:
                look.parked.append(f"{row.type} ({row.last_error})")
        return look

    def _hurry(self) -> None:
        for instance in self.composed.instances.values():
            with instance.db.write() as session:
                session.execute(
                    update(Inbox).where(Inbox.state == State.READY).values(next_attempt_at=clock.now())
                )
            instance.work_wake.set()
