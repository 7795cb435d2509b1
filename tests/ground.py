"""All five services in one process, as a test drives them: clients, waiting until all is quiet, rows.

`settle()` is exact: it returns only when every event that any outbox holds is handled by everyone who
subscribes to it. It hurries what was put off, so that no test waits for a backoff.
"""

import atexit
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import Any, Self, TypeVar

from flask.testing import FlaskClient
from kombu.transport import memory
from sqlalchemy import select, update

from services import all_services
from shared import clock
from shared.contracts import envelope
from shared.contracts.envelope import Envelope
from shared.db.inbox import Inbox, State
from shared.db.outbox import Outbox
from shared.identity.keys import make_keys
from shared.identity.tokens import make_token
from shared.runtime.compose import Together, subscriptions
from shared.runtime.service import Instance
from shared.runtime.settings import Settings
from shared.web.app import SERVICE_NAMES

SECRET = "a secret of the tests, 32 characters and more"
Row = TypeVar("Row")


@cache
def keys_for(agency: str) -> Path:
    """A folder with signing keys for the five services of an agency."""
    directory = Path(mkdtemp(prefix="huajie-keys-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    make_keys(directory, agency, SERVICE_NAMES)
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
        "demo": True,
        "poll_seconds": 0.02,
    }
    return Settings(**(values | changes))


def one_process(directory: Path, **changes: Any) -> Settings:
    """The same where all five services answer under one address, so that pages find the others' parts."""
    return settings_for(directory, nav_links={name: f"/{name}" for name in SERVICE_NAMES}, **changes)


def clear_memory_bus() -> None:
    """Forget all queues of kombu's memory transport, which are global to the process."""
    memory.Channel.queues.clear()
    memory.Transport.global_state.clear()


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
        client = self.composed.app(service).test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        if post is not None:
            token = make_token(self.settings.secret_key, post)
            client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return client

    def rows(self, service: str, model: type[Row], *conditions: Any) -> Sequence[Row]:
        """The rows of a table, detached."""
        with self.instance(service).db.read() as session:
            return session.scalars(select(model).where(*conditions)).all()

    def outbox(self, service: str, key: str | None = None) -> list[Envelope]:
        """The events of a service as they were recorded; `key` such as `intake.petition.registered.v1`."""
        with self.instance(service).db.read() as session:
            bodies = session.scalars(select(Outbox.body).order_by(Outbox.seq)).all()
        events = [envelope.parse(body) for body in bodies]
        return [event for event in events if key in (None, event.contract.key)]

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
            for look in looks.values()
            for key, ids in look.events.items()
            if key in self._subscribed[name] and not ids <= looks[name].arrived
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
