"""Runs the handlers of what lies in the inbox: one transaction each, with backoff, then parking.

The same on SQLite and PostgreSQL, memory and RabbitMQ. Several messages share a transaction while all
goes well; when one fails, each is done alone, and only the failing one is put off. Agencies come in turns,
so that the flood of one does not delay another's; within an agency the oldest comes first, since later
events of a matter build on earlier ones.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session

from shared import clock
from shared.bus.handlers import Event, Handler, TryLater
from shared.bus.pace import at_a_pace
from shared.contracts import envelope, registry
from shared.contracts.envelope import Envelope, Unreadable
from shared.db.engine import Database
from shared.db.hold import hold_all
from shared.db.inbox import Believes, Inbox, State, nobody, why_not
from shared.ledger.gather import begin_act, end_act
from shared.runtime.log import bound
from shared.watching.times import failed, timed
from shared.watching.tracing import HANDLE, span

log = logging.getLogger(__name__)
# While a flood comes in it is stored first: only what is stored can be handled in turns.
GIVES_WAY_SECONDS = 0.25
LOOKS_EVERY_SECONDS = 0.02
BACKOFF = tuple(timedelta(seconds=s) for s in (1, 10, 60, 600, 3600, 3600, 3600))


class Work:
    """The work loop of one service. `wake` is set when the inbox got new rows."""

    def __init__(
        self,
        db: Database,
        handlers: Sequence[Handler],
        wake: threading.Event,
        believes: Believes = nobody,  # which sources of other agencies, see shared.db.inbox.receive
        service: str = "",  # whose times they are, for who watches
        holds: Sequence[type] = (),  # tables with a row for each petition, see shared.db.hold
        gives_way: Callable[[], bool] = lambda: False,  # whether more is coming in than was stored
    ) -> None:
        self._db = db
        self._believes = believes
        self._service = service
        self._gives_way = gives_way
        self._holds = holds
        self._handlers: dict[str, list[Handler]] = {}
        for handler in handlers:
            self._handlers.setdefault(handler.contract.key, []).append(handler)
        self._subscribed = set(self._handlers)
        self._wake = wake
        self._more_waits = False  # than the last batch took up
        # SQLite has one writer: a long batch would keep web requests waiting.
        self._batch = 10 if db.is_sqlite else 50

    def run_until(self, stop: threading.Event, poll_seconds: float) -> None:
        """Work until `stop` is set; looks every so often for retries that came due."""
        while not stop.is_set():
            self._wake.wait(poll_seconds)
            self._wake.clear()
            with at_a_pace(stop):
                while self.step() and self._more_waits and not stop.is_set():
                    self._give_way(stop)

    def _give_way(self, stop: threading.Event) -> None:
        until = time.monotonic() + GIVES_WAY_SECONDS
        while self._gives_way() and time.monotonic() < until and not stop.is_set():
            stop.wait(LOOKS_EVERY_SECONDS)

    def step(self) -> int:
        """Handle one batch; returns how many messages were taken up."""
        with self._db.glance() as session:
            agencies = _waiting_agencies(session)
        if not agencies:
            return 0
        try:
            return self._together(agencies)
        except Exception as error:
            log.info("one of a batch failed, doing each alone", extra={"error": type(error).__name__})
            return self._one_by_one(agencies)

    def _together(self, agencies: Sequence[str]) -> int:
        with self._db.write() as session:
            taken = self._take(session, agencies, lock=True)
            events = [envelope.parse(body) for _source, _id, body in taken]
            self._hold(session, events)
            for event in events:
                self._handle(event, session)
            _set_done(session, [(source, id_) for source, id_, _body in taken])
            return len(taken)

    def _one_by_one(self, agencies: Sequence[str]) -> int:
        with self._db.read() as session:
            taken = self._take(session, agencies, lock=False)
        for source, id_, _body in taken:
            self._alone(source, id_)
        return len(taken)

    def _take(self, session: Session, agencies: Sequence[str], *, lock: bool) -> list[tuple[str, str, bytes]]:
        """Source, id and body of one batch, in which each agency has its share."""
        taken: list[tuple[str, str, bytes]] = []
        self._more_waits = False
        wanted = _TO_LOCK if lock else _OF_AGENCY
        for number, agency in enumerate(agencies):
            share = -(-(self._batch - len(taken)) // (len(agencies) - number))
            rows = session.execute(wanted, {"agency": agency, "share": share, "now": clock.now()}).all()
            self._more_waits |= len(rows) == share
            taken += [(row.source, row.id, row.body) for row in rows]
        return taken

    def _alone(self, source: str, id_: str) -> None:
        try:
            with self._db.write() as session:
                key = {"source": source, "id": id_, "now": clock.now()}
                row = session.execute(_ONE_TO_LOCK, key).one_or_none()
                if row is not None:
                    self._handle(envelope.parse(row.body), session)
                    _set_done(session, [(source, id_)])
        except Exception as error:
            self._put_off(source, id_, error)

    def _hold(self, session: Session, events: Sequence[Envelope]) -> None:
        """Read at once what the events of a batch work on, rather than for each of them."""
        named = {event.data.get("petition_id") for event in events}
        petitions = [UUID(id_) for id_ in named if isinstance(id_, str)]
        for model in self._holds:
            hold_all(session, model, petitions)

    def _handle(self, event: Envelope, session: Session) -> None:
        with bound(event_id=event.id, correlation_id=event.correlationid, caused_by=event.causationid):
            self._run(event, session)

    def _run(self, event: Envelope, session: Session) -> None:
        # Looked at once more: an operator may have run again what was parked for a good reason.
        own = str(session.info["agency"])
        if why := why_not(event, own, self._subscribed, self._believes):
            raise Unreadable(why)
        key = event.contract.key
        with timed(self._service, key), span(key, HANDLE, parent=event.traceparent, service=self._service):
            run_handlers(self._handlers[key], event, session)

    def _put_off(self, source: str, id_: str, error: Exception) -> None:
        """Count the failed try in a transaction of its own; park what time will not mend."""
        with self._db.write() as session:
            row = session.get(Inbox, (id_, source))
            if row is None or row.state != State.READY:
                return
            row.last_error = _explain(error)
            failed(self._service, *_kind(row.type, error))
            if isinstance(error, Unreadable) or row.attempts >= len(BACKOFF):
                row.state = State.PARKED
            else:
                row.next_attempt_at = clock.now() + BACKOFF[row.attempts]
            row.attempts += 1
            fields = {
                "correlation_id": _correlation(row.body),
                "event_id": row.id,
                "source": row.source,
                "type": row.type,
                "attempts": row.attempts,
            }
        known = isinstance(error, TryLater | Unreadable)
        log.warning("event not handled", extra=fields, exc_info=None if known else error)


def run_handlers(handlers: Sequence[Handler], event: Envelope, session: Session) -> None:
    """Run the handlers of one event in this transaction; what they record names it as the cause."""
    received = Event(event, event.load())
    session.info["cause"] = event
    try:
        begin_act(session)
        for handler in handlers:
            handler(received, session)
        end_act(session, f"{event.source}#{event.id}", event.contract.key)
    finally:
        session.info.pop("cause", None)


# The statements of the loop are put together once: that takes as long as to run them.

# In words, not as a parameter: only so do both databases see that the partial index holds these rows.
READY: ColumnElement[str] = literal_column("'ready'")
_IS_DUE = (Inbox.state == READY, Inbox.next_attempt_at <= bindparam("now", type_=Inbox.next_attempt_at.type))
_DUE = (
    select(Inbox.source, Inbox.id, Inbox.body)
    .where(*_IS_DUE)
    .order_by(Inbox.next_attempt_at, Inbox.received_at)
)
_OF_AGENCY = _DUE.where(Inbox.agency == bindparam("agency")).limit(bindparam("share"))
_TO_LOCK = _OF_AGENCY.with_for_update(skip_locked=True)
_ONE_TO_LOCK = _DUE.where(Inbox.source == bindparam("source"), Inbox.id == bindparam("id")).with_for_update(
    skip_locked=True
)


def _agencies_that_wait() -> Select[str]:
    """One look into the index for each agency, however many messages wait."""

    def next_after(condition: ColumnElement[bool]) -> ScalarSelect[str]:
        return select(func.min(Inbox.agency)).where(*_IS_DUE, condition).scalar_subquery()

    found = select(next_after(true()).label("agency")).cte("found", recursive=True)
    after = next_after(Inbox.agency > found.c.agency)
    found = found.union_all(select(after).where(found.c.agency.is_not(None)))
    return select(found.c.agency).where(found.c.agency.is_not(None))


_AGENCIES = _agencies_that_wait()
_MARK_DONE = (
    update(Inbox)
    .where(Inbox.source == bindparam("of"), Inbox.id.in_(bindparam("ids", expanding=True)))
    .values(
        state=State.DONE,
        handled_at=bindparam("at", type_=Inbox.next_attempt_at.type),
        last_error=None,
        attempts=Inbox.attempts + 1,
    )
)


def _waiting_agencies(session: Session) -> Sequence[str]:
    """Whose messages are due."""
    return session.scalars(_AGENCIES, {"now": clock.now()}).all()


def _set_done(session: Session, keys: Sequence[tuple[str, str]]) -> None:
    for source, rows in groupby(sorted(keys), key=itemgetter(0)):
        ids = [id_ for _source, id_ in rows]
        # By the connection: nothing of the session's needs to know.
        session.connection().execute(_MARK_DONE, {"of": source, "ids": ids, "at": clock.now()})


def _correlation(body: bytes) -> str | None:
    try:
        return envelope.parse(body).correlationid
    except Unreadable:
        return None


def _kind(type_: str, error: Exception) -> tuple[str, str]:
    """The key of an event, where it is one of ours, and the kind of what went wrong: labels of few values."""
    contract = registry.contract_for_type(type_)
    kind = (
        "later" if isinstance(error, TryLater) else "unreadable" if isinstance(error, Unreadable) else "error"
    )
    return contract.key if contract else "unknown", kind


def _explain(error: Exception) -> str:
    # Only our own messages are free of personal data; of others the kind must do.
    if isinstance(error, TryLater | Unreadable):
        return str(error)[:500]
    return f"{type(error).__name__} in the handler: see the log of this service"


def run_again(session: Session, keys: Sequence[tuple[str, str]]) -> int:
    """Put parked messages back to work, with all tries before them; returns how many."""
    return sum(_set_parked(session, key, state=State.READY, attempts=0) for key in keys)


def dismiss(session: Session, keys: Sequence[tuple[str, str]], reason: str) -> int:
    """Put parked messages away for good, with the reason; they stay on file. Returns how many."""
    return sum(
        _set_parked(session, key, state=State.DISMISSED, dismissed_reason=reason[:200]) for key in keys
    )


def _set_parked(session: Session, key: tuple[str, str], **values: object) -> int:
    result = session.execute(
        update(Inbox)
        .where(Inbox.source == key[0], Inbox.id == key[1], Inbox.state == State.PARKED)
        .values(next_attempt_at=clock.now(), **values)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
