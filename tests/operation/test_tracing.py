"""Spans from a request through outbox and bus to the handlers, at a real OTLP receiver; off, nothing."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from shared.runtime.settings import Settings
from shared.watching import tracing
from tests.factories import new_petition, petition_body
from tests.ground import Ground, clear_memory_bus, one_process
from tests.operation.collector import Collector

SAID = "a text that is nobody's business"
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as made:
        yield made


@pytest.fixture(autouse=True)
def nothing_traced_afterwards() -> Iterator[None]:
    yield
    tracing.stop()


@pytest.fixture
def traced(settings: Settings, collector: Collector) -> Iterator[Ground]:
    clear_memory_bus()
    with Ground(one_process(settings.data_dir, traces_url=collector.url)) as ground:
        yield ground


def attributes(span: Any) -> dict[str, Any]:
    return {a.key: a.value.string_value or a.value.int_value for a in span.attributes}


def test_one_trace_from_the_request_to_the_handlers(traced: Ground, collector: Collector) -> None:
    parent = f"00-{TRACE}-b7ad6b7169203331-01"
    answer = traced.client("intake", "clerk-1").post(
        "/api/petitions?said=secret",
        json=petition_body(text=SAID, title=SAID),
        headers={"traceparent": parent},
    )
    assert answer.status_code == 201
    traced.start()
    traced.settle()
    traced.stop()
    tracing.stop()
    (request,) = collector.named("POST /api/petitions")
    assert request.trace_id.hex() == TRACE
    assert request.parent_span_id.hex() == "b7ad6b7169203331"
    assert attributes(request) == {"huajie.service": "intake", "http.response.status_code": 201}
    (event, *_more) = traced.outbox("intake")
    assert event.traceparent == f"00-{TRACE}-{request.span_id.hex()}-01"
    handled = collector.named("intake.petition.registered.v1")
    assert {attributes(span)["huajie.service"] for span in handled} >= {"supervision", "reporting"}
    assert {(span.trace_id, span.parent_span_id) for span in handled} == {(request.trace_id, request.span_id)}
    caused = collector.named("supervision.clock.started.v1")
    assert caused
    assert {span.trace_id.hex() for span in caused} == {TRACE}
    assert {span.name for span in collector.spans} >= {"publish", "receive", "catch-up", "task watch"}
    for text in (SAID, "secret", answer.json["petition"]["id"], answer.json["code"], "甲某", "clerk-1"):
        assert text.encode() not in collector.raw
    assert collector.services == {"huajie"}


def test_an_error_is_told_by_its_kind(traced: Ground, collector: Collector) -> None:
    traced.composed.app("intake")
    with pytest.raises(ValueError, match=SAID), tracing.span("here"):
        raise ValueError(SAID)
    tracing.stop()
    (span,) = collector.named("here")
    assert (span.status.code, span.status.message) == (2, "ValueError")
    assert SAID.encode() not in collector.raw


@pytest.mark.parametrize("given", ["", "x", "00-zz-yy-01", f"00-{TRACE}-b7ad6b7169203331-01\n", "0" * 5000])
def test_what_is_no_traceparent_begins_a_trace_of_its_own(
    traced: Ground, collector: Collector, given: str
) -> None:
    traced.composed.app("intake")
    with tracing.span("here", parent=given):
        pass
    tracing.stop()
    (span,) = collector.named("here")
    assert span.parent_span_id == b""
    assert span.trace_id.hex() != TRACE


def test_a_collector_that_is_away_stops_nothing(settings: Settings) -> None:
    clear_memory_bus()
    with Ground(one_process(settings.data_dir, traces_url="http://127.0.0.1:9")) as ground:
        new_petition(ground)
        ground.carry()
        assert ground.outbox("intake")[0].traceparent


def test_off_it_is_not_even_imported(stepped: Ground) -> None:
    new_petition(stepped)
    stepped.carry()
    assert stepped.outbox("intake")[0].traceparent is None
    program = "import sys, shared.runtime.cli, shared.web.app; print('opentelemetry' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
