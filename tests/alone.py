"""One service alone, without loops or bus: fed events that a test makes, asked through its API."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from time import sleep
from types import TracebackType
from typing import Any, Self

from flask.testing import FlaskClient
from sqlalchemy import select, update

from shared import clock
from shared.bus.work import Work, run_handlers
from shared.contracts import envelope, registry
from shared.contracts.envelope import Envelope
from shared.contracts.registry import EventSchema
from shared.db.engine import Database
from shared.db.inbox import Arrival, Inbox, State, receive
from shared.db.outbox import Outbox
from shared.runtime.compose import prepare, subscriptions, web_app
from shared.runtime.service import Instance, Service
from tests.ground import Tokens, client_of, settings_for


def made(schema: type[EventSchema], subject: object, **data: Any) -> Envelope:
    """An event of this moment, as its producer would send it."""
    return envelope.build(
        registry.contract_of(schema),
        agency="local",
        subject=str(subject),
        data=registry.dump(schema, data),
    )


def handle(service: Service, db: Database, events: Iterable[Envelope]) -> None:
    """Handle events in one transaction, as the work loop does with a batch."""
    with db.write() as session:
        for event in events:
            mine = [h for h in service.handlers if h.contract == event.contract]
            assert mine, f"{event.type} is not handled"
            run_handlers(mine, event, session)


class Alone:
    """A prepared service; end it with `close()` or as a context manager."""

    def __init__(self, instance: Instance) -> None:
        # Nobody else is there to ask who is signed in.
        instance.settings = replace(instance.settings, sign_in_at=instance.service.name)
        self.instance = instance
        self.service = instance.service
        self.db = instance.db
        self.app = web_app(instance, [self.service])
        self._tokens = Tokens(instance)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _e: Any, _t: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.db.close()

    def client(self, post: str) -> FlaskClient:
        """An API client signed in as a post, reading English."""
        return client_of(self.app, self._tokens, post)

    def get(self, post: str, path: str, status: int = 200) -> Any:
        return self._ask("get", post, path, status)

    def post(self, post: str, path: str, status: int = 201, **body: Any) -> Any:
        return self._ask("post", post, path, status, json=body)

    def events(self, *names: str) -> list[dict[str, Any]]:
        """The data of the recorded events of some names, such as `case.opened`, oldest first."""
        with self.db.read() as session:
            bodies = session.scalars(select(Outbox.body).order_by(Outbox.seq)).all()
        return [e.data for e in map(envelope.parse, bodies) if e.contract.name in names]

    def run(self) -> None:
        """What the timers do, until nothing is left."""
        for task in self.service.tasks:
            while task.run(self.instance):
                pass

    def _ask(self, method: str, post: str, path: str, status: int, **how: Any) -> Any:
        answer = getattr(self.client(post), method)(path, **how)
        assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
        return answer.json if answer.data else None


class OneService(Alone):
    """A service with data of its own, which takes its events through its inbox as from the consumer."""

    def __init__(self, service: Service, directory: Path, **settings: Any) -> None:
        instance = Instance(service, settings_for(directory, **settings))
        prepare(instance)
        super().__init__(instance)
        self._subscribed = subscriptions([self.service])[self.service.name]

    def feed(self, *events: Envelope) -> None:
        """Receive events in this order and handle them. What this service does not hear is left out."""
        for event in events:
            if event.contract.key in self._subscribed:
                with self.db.write() as session:
                    receive(session, [Arrival(event.to_json().encode())], self._subscribed)
                self.work()

    def feed_again(self, events: Iterable[Envelope]) -> None:
        """Run the handlers of events that were handled already, as after a crash before the commit."""
        with self.db.write() as session:
            for event in events:
                row = session.get(Inbox, (event.id, event.source))
                if row is not None:
                    row.state = State.READY
        self.work()

    def work(self) -> None:
        """Handle what lies in the inbox; none may be left."""
        work = Work(self.db, self.service.handlers, Signal(), holds=self.service.holds)
        while work.step():
            pass
        with self.db.read() as session:
            left = session.query(Inbox.type, Inbox.last_error).where(Inbox.state != State.DONE).all()
        assert not left, left

    def work_at_once(self, events: Iterable[Envelope], workers: int) -> None:
        """Receive all events, then let several work loops take them up at the same time."""
        with self.db.write() as session:
            receive(session, [Arrival(event.to_json().encode()) for event in events], self._subscribed)
        stop = Signal()

        def run() -> None:
            Work(self.db, self.service.handlers, Signal(), holds=self.service.holds).run_until(
                stop, poll_seconds=0.05
            )

        threads = [Thread(target=run) for _ in range(workers)]
        for thread in threads:
            thread.start()
        while self._is_unhandled():
            sleep(0.05)
        stop.set()
        for thread in threads:
            thread.join()

    def _is_unhandled(self) -> bool:
        with self.db.write() as session:  # what was put off is tried at once
            ready = update(Inbox).where(Inbox.state == State.READY)
            late = ready.where(Inbox.next_attempt_at > clock.now())
            session.execute(late.values(next_attempt_at=clock.now()))
            return session.query(Inbox).where(Inbox.state == State.READY).first() is not None
