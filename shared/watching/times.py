"""How long handlers take and how they fail, counted in the process that runs them."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram

PROCESS = CollectorRegistry()
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_SECONDS = Histogram(
    "huajie_handler_seconds",
    "How long the handlers of one event took.",
    ["service", "event"],
    buckets=BUCKETS,
    registry=PROCESS,
)
_FAILURES = Counter(
    "huajie_handler_failures",
    "How often an event could not be handled; kind: later (another must come first), unreadable, error.",
    ["service", "event", "kind"],
    registry=PROCESS,
)


@contextmanager
def timed(service: str, event: str) -> Iterator[None]:
    """Time the handlers of an event, named by its key such as `intake.petition.registered.v1`."""
    began = perf_counter()
    yield
    _SECONDS.labels(service, event).observe(perf_counter() - began)


def failed(service: str, event: str, kind: str) -> None:
    """Count a try that failed."""
    _FAILURES.labels(service, event, kind).inc()
