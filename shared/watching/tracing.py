"""Spans for OpenTelemetry, where TRACES_URL names a collector; else nothing of it is even imported.

An event carries the `traceparent` (W3C Trace Context) of what recorded it, through outbox and bus to its
handlers. Attributes are codes: a route's template, an event's type, counts; never a path, a query or a text.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from shared.runtime.settings import Settings

TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
REQUEST, PUBLISH, HANDLE, INTERNAL = "SERVER", "PRODUCER", "CONSUMER", "INTERNAL"

_provider: Any = None


def start(settings: Settings, service: str) -> None:
    """Send spans of this process to TRACES_URL (OTLP over HTTP), if it is set. After a fork, not before."""
    global _provider
    if settings.traces_url is None or _provider is not None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    name = "huajie" if settings.is_embedded else f"huajie-{service}"
    # Not Resource.create: it would add what it finds of this machine.
    _provider = TracerProvider(resource=Resource({"service.name": name}))
    exporter = OTLPSpanExporter(endpoint=settings.traces_url.rstrip("/") + "/v1/traces", timeout=10)
    _provider.add_span_processor(BatchSpanProcessor(exporter))


def stop() -> None:
    """Send what is left, and no more from then on."""
    global _provider
    if _provider is not None:
        _provider.shutdown()
        _provider = None


@contextmanager
def span(
    name: str, kind: str = INTERNAL, *, parent: str | None = None, **attributes: str | int
) -> Iterator[Any]:
    """A span around the block, and under it in this thread; `parent`: the traceparent it follows from.

    Of an exception only the kind is noted: its text may quote what somebody wrote.
    """
    if _provider is None:
        yield None
        return
    from opentelemetry.trace import SpanKind, StatusCode

    made = _provider.get_tracer("huajie").start_as_current_span(
        name,
        context=_context(parent),
        kind=SpanKind[kind],
        attributes={f"huajie.{key}": value for key, value in attributes.items()},
        record_exception=False,
        set_status_on_exception=False,
    )
    with made as current:
        try:
            yield current
        except Exception as error:
            current.set_status(StatusCode.ERROR, type(error).__name__)
            raise


def traceparent() -> str | None:
    """Of the span that this thread is in; None outside of any, and where nothing is traced."""
    if _provider is None:
        return None
    from opentelemetry.trace import get_current_span

    context = get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"


def _context(parent: str | None) -> Any:
    if parent is None or not TRACEPARENT.fullmatch(parent):
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": parent})
