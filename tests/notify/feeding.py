"""One service alone, fed with events that a test makes: no bus, no other services.

A Story is one petition; each of its methods is an event about it, with what matters given.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from time import sleep
from types import TracebackType
from typing import Any, Self
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import update

from shared import clock
from shared.bus.work import Work
from shared.contracts import assignment, envelope, intake, registry, supervision
from shared.contracts.envelope import Envelope
from shared.contracts.registry import EventSchema
from shared.db.inbox import Arrival, Inbox, State, receive
from shared.identity.tokens import make_token
from shared.runtime.compose import prepare
from shared.runtime.service import Instance, Service
from shared.web.app import create_app
from tests.ground import settings_for


def made(schema: type[EventSchema], subject: Any, **data: Any) -> Envelope:
    """An event of this moment, as its producer would send it."""
    return envelope.build(
        registry.contract_of(schema),
        agency="local",
        subject=str(subject),
        data=registry.dump(schema, data),
        cause=None,
        correlation_id=None,
    )


class OneService:
    """A running service without loops."""

    def __init__(self, service: Service, directory: Path, **settings: Any) -> None:
        self.instance = Instance(service, settings_for(directory, **settings))
        prepare(self.instance)
        self.db = self.instance.db
        self._app = create_app(self.instance, {})
        self._subscribed = {key.removeprefix("*.") for key in service.bindings}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _e: Any, _t: TracebackType | None) -> None:
        self.db.close()

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
                row = session.get(Inbox, (event.source, event.id))
                if row is not None:
                    row.state = State.READY
        self.work()

    def work(self) -> None:
        """Handle what lies in the inbox; none may be left."""
        work = Work(self.db, self.instance.service.handlers, Signal())
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
            Work(self.db, self.instance.service.handlers, Signal()).run_until(stop, poll_seconds=0.05)

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

    def client(self, post: str) -> FlaskClient:
        """An API client signed in as a post, reading English."""
        client = self._app.test_client()
        token = make_token(self.instance.settings.secret_key, post)
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client


class Story:
    """One petition; each method is an event of it that happens now."""

    def __init__(self, number: int = 1, township: str = "420324100", petition_id: UUID | None = None) -> None:
        self.id = petition_id or uuid4()
        self.case_id = uuid4()
        self.number = f"ZX2026-{number:06d}"
        self.township = township

    def registered(self, **data: Any) -> Envelope:
        defaults: dict[str, Any] = {
            "channel": "letter",
            "organ": "commission",
            "signature": "real_name",
            "township": self.township,
            "content_class": "09",
            "superior_assigned": False,
            "received_on": clock.today(),
            "registered_at": clock.now(),
        }
        return self._event(intake.PetitionRegisteredV1, defaults, data)

    def accepted(self, **data: Any) -> Envelope:
        defaults: dict[str, Any] = {
            "category": "appeal",
            "procedure": "petition",
            "organ": "commission",
            "signature": "real_name",
            "township": self.township,
            "content_class": "09",
            "excluded": [],
            "superior_assigned": False,
            "received_on": clock.today(),
            "accepted_at": clock.now(),
        }
        return self._event(intake.PetitionAcceptedV1, defaults, data)

    def declined(self) -> Envelope:
        data = {"reason": "no_substance", "declined_at": clock.now()}
        return self._event(intake.PetitionDeclinedV1, data, {})

    def transferred(self, to_agency: str = "agency-police") -> Envelope:
        data = {"transfer_id": uuid4(), "to_agency": to_agency, "transferred_at": clock.now()}
        return self._event(intake.PetitionTransferredV1, data, {})

    def returned(self, agency: str = "agency-police") -> Envelope:
        data = {
            "transfer_id": uuid4(),
            "agency": agency,
            "reason": "not_competent",
            "returned_at": clock.now(),
        }
        return self._event(intake.TransferReturnedV1, data, {})

    def withdrawn(self) -> Envelope:
        return self._event(intake.PetitionWithdrawnV1, {"withdrawn_at": clock.now()}, {})

    def instructed(self, addressee: str, due_on: date | None = None) -> Envelope:
        data = {
            "instruction_id": uuid4(),
            "addressee": addressee,
            "due_on": due_on,
            "signed_by": "head",
            "on_delegation": False,
            "signed_at": clock.now(),
        }
        return self._event(intake.InstructionSignedV1, data, {})

    def opened(self, **data: Any) -> Envelope:
        defaults = {
            "township": self.township,
            "superior_assigned": False,
            "opened_at": clock.now(),
            **ROUTE,
        }
        return self._case(assignment.CaseOpenedV1, defaults, data)

    def rerouted(self, **data: Any) -> Envelope:
        defaults = {"reason": "recusal", "excluded": [], "rerouted_at": clock.now(), **ROUTE}
        return self._case(assignment.CaseReroutedV1, defaults, data)

    def checked(self, *, passed: bool, level: int = 1) -> Envelope:
        data = {"round": 1, "level": level, "passed": passed, "checked_at": clock.now()}
        return self._case(assignment.ClosingCheckedV1, data, {})

    def closed(self, **data: Any) -> Envelope:
        defaults = {"round": 1, "outcome": "upheld", "closed_at": clock.now()}
        return self._case(assignment.CaseClosedV1, defaults, data)

    def reopened(self, **data: Any) -> Envelope:
        defaults = {"round": 2, "reason": "dissatisfied", "reopened_at": clock.now(), **ROUTE}
        return self._case(assignment.CaseReopenedV1, defaults, data)

    def rated(self, rating: str = "satisfied", round_: int = 1) -> Envelope:
        data = {"rating": rating, "round": round_, "rated_at": clock.now()}
        return self._event(intake.PetitionRatedV1, data, {})

    def clock(self, kind: str, clock_id: UUID, due_on: date, **data: Any) -> Envelope:
        """`kind`: started, moved, warned, expired, stopped."""
        today = clock.today()
        own: dict[str, tuple[type[EventSchema], dict[str, Any]]] = {
            "started": (supervision.ClockStartedV1, {"started_on": today, "provisional": False}),
            "moved": (
                supervision.ClockMovedV1,
                {"first_due_on": due_on, "reason": "extension", "moved_at": clock.now()},
            ),
            "warned": (supervision.ClockWarnedV1, {"days_left": 3}),
            "expired": (supervision.ClockExpiredV1, {"expired_on": due_on + timedelta(days=1)}),
            "stopped": (supervision.ClockStoppedV1, {"stopped_on": today, "done": True, "late": False}),
        }
        schema, defaults = own[kind]
        common = {"clock_id": clock_id, "duty": "handling", "holder": "office-1", "due_on": due_on}
        return self._event(schema, common | defaults, data)

    def _case(self, schema: type[EventSchema], defaults: dict[str, Any], data: dict[str, Any]) -> Envelope:
        return self._event(schema, {"case_id": self.case_id} | defaults, data)

    def _event(self, schema: type[EventSchema], defaults: dict[str, Any], data: dict[str, Any]) -> Envelope:
        return made(schema, self.id, petition_id=self.id, number=self.number, **(defaults | data))


ROUTE = {"leader": "leader-1", "office": "office-1", "team": "team-1"}


def at(text: str) -> datetime:
    """A moment in county time, e.g. 2026-03-02 10:00."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.COUNTY_ZONE)
