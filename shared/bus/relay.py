"""Carries the outbox to the bus: at least once, in order, whatever the broker does meanwhile.

One relay per service is active (an advisory lock on PostgreSQL, the one process on SQLite).
"""

import logging
import threading

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from shared import clock
from shared.bus.confirms import PikaPublisher
from shared.bus.memory import MemoryPublisher
from shared.bus.pace import at_a_pace
from shared.bus.publisher import BrokerDown, Outcome, Outgoing, Publisher
from shared.db.engine import Database
from shared.db.outbox import Outbox, settle
from shared.errors import N_
from shared.runtime.tls import Tls
from shared.watching.tracing import PUBLISH, span

log = logging.getLogger(__name__)
BATCH = 1000
LONGEST_PAUSE = 10.0


def relay_turn(service: str) -> str:
    """The turn (Database.takes_turn) of who alone gives positions and publishes: the relay, or a backup."""
    return f"relay-{service}"


class Relay:
    """Publishes what waits. `wake` is set when something new was committed in this process."""

    def __init__(
        self,
        db: Database,
        bus_url: str,
        service: str,
        wake: threading.Event,
        publisher: Publisher | None = None,  # else made for the bus's address when first needed
        tls: Tls | None = None,
    ) -> None:
        self._tls = tls
        self._db = db
        self._bus_url = bus_url
        self._turn = relay_turn(service)
        self._wake = wake
        self._publisher = publisher
        self._refused = False
        self.failing: str | None = None  # what keeps events from going out, for the operator

    def run_until(self, stop: threading.Event, poll_seconds: float) -> None:
        """Relay until `stop` is set; looks every so often also when nobody told of anything."""
        pause = 0.0
        while not stop.is_set():
            self._wake.wait(poll_seconds)
            self._wake.clear()
            try:
                with at_a_pace(stop):
                    while self.step() == BATCH and not stop.is_set():
                        pass
                pause = self._next_pause(pause) if self._refused else 0.0
                self.failing = N_("the bus refuses them: a queue is full") if self._refused else None
            except BrokerDown as error:
                self.failing = N_("the bus does not answer")
                pause = self._next_pause(pause)
                log.warning("broker down, events wait in the outbox", extra={"error": str(error)})
            stop.wait(pause)
        self.close()

    @staticmethod
    def _next_pause(pause: float) -> float:
        return min(LONGEST_PAUSE, max(0.5, pause * 2))

    def close(self) -> None:
        if self._publisher is not None:
            self._publisher.close()
            self._publisher = None

    def step(self) -> int:
        """Settle and publish one batch; returns how many were published. Raises BrokerDown."""
        with self._db.glance() as session:
            if not _waiting(session):
                return 0
        if self.failing:
            # Positions first and by themselves: peers can fetch what the broker does not take.
            with self._db.write() as session:
                if self._db.takes_turn(session, self._turn):
                    settle(session)
        down = None
        with self._db.write() as session:
            if not self._db.takes_turn(session, self._turn):
                return 0
            settle(session)
            try:
                return self._publish(session)
            except BrokerDown as error:
                down = error  # what is settled stays settled
        raise down

    def _publish(self, session: Session) -> int:
        rows = session.execute(_SETTLED).all()
        if not rows:
            return 0
        if self._publisher is None:
            self._publisher = self._make_publisher()
        with span("publish", PUBLISH, count=len(rows)):
            outcomes = self._publisher.publish([Outgoing(r.id, r.type, r.body) for r in rows])
        results = list(zip((row.position for row in rows), outcomes, strict=True))
        refused = [position for position, outcome in results if outcome is Outcome.REFUSED]
        unrouted = [position for position, outcome in results if outcome is Outcome.UNROUTED]
        self._refused = bool(refused)
        if refused:
            self._note_refusals(session, refused)
        if unrouted:
            _mark_unrouted(session, unrouted)
        _mark_published(session, rows[0].position, rows[-1].position, but=[*refused, *unrouted])
        return len(rows) - len(refused)

    def _make_publisher(self) -> Publisher:
        if self._bus_url.startswith("memory"):
            return MemoryPublisher(self._bus_url)
        return PikaPublisher(self._bus_url, tls=self._tls)

    def _note_refusals(self, session: Session, refused: list[int]) -> None:
        session.execute(
            update(Outbox)
            .where(Outbox.position.in_(refused))
            .values(attempts=Outbox.attempts + 1, last_error="the broker refused it: its queue is full")
        )
        log.warning("broker refused events, trying again", extra={"count": len(refused)})


# Put together once: that takes as long as to run them, and mostly the relay carries only a few events.
_ANY_WAITING = select(Outbox.seq).where(Outbox.published_at.is_(None)).limit(1)
_SETTLED = (
    select(Outbox.position, Outbox.id, Outbox.type, Outbox.body)
    .where(Outbox.published_at.is_(None), Outbox.position.is_not(None))
    .order_by(Outbox.position)
    .limit(BATCH)
)
_MARK_BATCH = (
    update(Outbox)
    .where(Outbox.position.between(bindparam("first"), bindparam("last")), Outbox.published_at.is_(None))
    .values(published_at=bindparam("at", type_=Outbox.created_at.type), unrouted=False, last_error=None)
)


def _waiting(session: Session) -> bool:
    return session.connection().scalar(_ANY_WAITING) is not None


def _mark_published(session: Session, first: int, last: int, *, but: list[int]) -> None:
    """Mark a batch, which is all that waited from one position to another: cheaper than to name its rows."""
    batch = _MARK_BATCH.where(Outbox.position.not_in(but)) if but else _MARK_BATCH
    session.connection().execute(batch, {"first": first, "last": last, "at": clock.now()})


def _mark_unrouted(session: Session, positions: list[int]) -> None:
    published = {"published_at": clock.now(), "unrouted": True, "last_error": None}
    session.execute(update(Outbox).where(Outbox.position.in_(positions)).values(published))
    log.warning("no queue wanted these events", extra={"count": len(positions)})


def replay_unrouted(session: Session) -> int:
    """Offer again the events that no queue wanted, once the topology is mended; returns how many."""
    result = session.execute(
        update(Outbox).where(Outbox.unrouted.is_(True)).values(published_at=None, unrouted=False)
    )
    session.info["recorded"] = True
    return int(result.rowcount)  # type: ignore[attr-defined]
