"""A service's figures in Prometheus' text format: most are read from its database at the moment of asking.

So each process of a service tells the same, and nothing is counted twice; only handler times are of the
process that is asked (the worker, see METRICS_PORT).
"""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from shared import clock
from shared.db.cursor import CatchUpCursor
from shared.db.outbox import Outbox
from shared.db.watch import loop_states
from shared.runtime.service import Figure, Instance
from shared.watching.backlog import backlog
from shared.watching.times import PROCESS

BACKLOG = {
    "outbox_waiting": "Events that wait to be published.",
    "outbox_oldest_seconds": "Since when the oldest of them waits.",
    "inbox_waiting": "Messages that wait to be handled.",
    "inbox_oldest_seconds": "Since when the oldest of them waits.",
    "parked": "Messages that an operator must look at.",
}


def exposition(instance: Instance) -> bytes:
    """All figures of a service, as Prometheus reads them."""
    registry = CollectorRegistry()
    registry.register(_OfService(instance))
    return generate_latest(registry)


class _OfService(Collector):
    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def describe(self) -> Iterable[Metric]:
        return ()  # else registering it would ask the database

    def collect(self) -> Iterator[Metric]:
        service = self._instance.service.name
        try:
            with self._instance.db.read() as session:
                figures = list(_figures(self._instance, session))
        except SQLAlchemyError:
            figures = [Figure("database_up", "Whether the database answers and is migrated.", 0)]
        yield from _families(service, figures)
        yield from _own_times(service)


def _figures(instance: Instance, session: Session) -> Iterator[Figure]:
    waiting = backlog(session)
    for name, text in BACKLOG.items():
        yield Figure(name, text, waiting[name])
    unrouted = session.scalar(select(func.count()).where(Outbox.unrouted.is_(True)))
    yield Figure("unrouted", "Events that no queue wanted.", unrouted or 0)
    yield from _peers(session)
    yield from _loops(session)
    if instance.service.figures is not None:
        yield from instance.service.figures(session)
    yield Figure("database_up", "Whether the database answers and is migrated.", 1)


def _peers(session: Session) -> Iterator[Figure]:
    now = clock.now()
    for cursor in session.scalars(select(CatchUpCursor)):
        peer = {"peer": cursor.producer}
        yield Figure(
            "catch_up_failing", "Whether a peer did not answer to catch-up.", bool(cursor.failing), peer
        )
        if cursor.answered_at is not None:
            age = (now - cursor.answered_at).total_seconds()
            yield Figure("catch_up_answered_seconds", "Since when a peer has not answered.", age, peer)


def _loops(session: Session) -> Iterator[Figure]:
    now = clock.now()
    for state in loop_states(session):
        loop = {"loop": state.loop}
        age = (now - state.seen_at).total_seconds()
        yield Figure("loop_seen_seconds", "Since when a loop was not seen to live.", age, loop)
        yield Figure(
            "loop_failing", "Whether something keeps a loop from its work.", bool(state.failing), loop
        )


def _families(service: str, figures: Iterable[Figure]) -> Iterator[Metric]:
    families: dict[str, GaugeMetricFamily] = {}
    for figure in figures:
        name, labels = f"huajie_{figure.name}", ["service", *figure.labels]
        family = families.setdefault(name, GaugeMetricFamily(name, figure.text, labels=labels))
        family.add_metric([service, *figure.labels.values()], float(figure.value))
    yield from families.values()


def _own_times(service: str) -> Iterator[Metric]:
    """Of what this process measured, what is of this service: in one process all five measure."""
    for family in PROCESS.collect():
        own = Metric(family.name, family.documentation, family.type)
        own.samples = [each for each in family.samples if each.labels.get("service") == service]
        if own.samples:
            yield own
