"""One id from the request to the last thing that followed from it; nothing foreign in the log."""

import dataclasses
import io
import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from shared.bus.work import Work
from shared.db.inbox import Arrival, Inbox, receive
from shared.runtime.log import JsonLines, as_uuid, bound
from tests.factories import accept, new_petition, petition_body
from tests.ground import Ground

HEADER = "X-Request-ID"
FOREIGN_TEXT = "a neighbour's name"


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """What is logged, one object a line, as it stands on standard error."""
    stream, found = io.StringIO(), []
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    loggers = [logging.getLogger("shared"), logging.getLogger("services")]
    levels = [logger.level for logger in loggers]

    class Lines(list[dict[str, Any]]):
        def __iter__(self) -> Iterator[dict[str, Any]]:
            return (json.loads(line) for line in stream.getvalue().splitlines())

    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel("DEBUG")
    found = Lines()
    yield found
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)


def test_the_proxys_id_is_taken_into_events_and_what_they_cause(stepped: Ground) -> None:
    given = str(uuid4())
    answer = stepped.client("intake", "clerk-1").post(
        "/api/petitions", json=petition_body(), headers={HEADER: given}
    )
    assert answer.headers[HEADER] == given
    stepped.carry()
    assert {event.correlationid for event in stepped.outbox("intake")} == {given}
    started = stepped.outbox("supervision", "supervision.clock.started.v1")
    assert started
    assert {event.correlationid for event in started} == {given}
    assert all(event.causationid for event in started)


@pytest.mark.parametrize(
    "given", ["x", FOREIGN_TEXT, "1" * 36, "{2f0432c-592b-40d7-95c4-da43e0954}", "a" * 999]
)
def test_what_is_no_uuid_is_not_taken(stepped: Ground, given: str) -> None:
    answer = stepped.client("intake", None).get("/health/live", headers={HEADER: given})
    made = answer.headers[HEADER]
    assert made != given
    assert as_uuid(made) == made


def test_each_request_has_its_own(stepped: Ground) -> None:
    client = stepped.client("intake", None)
    assert len({client.get("/health/live").headers[HEADER] for _ in range(3)}) == 3


def test_an_error_of_ours_is_found_by_it(stepped: Ground, lines: list[dict[str, Any]]) -> None:
    app = stepped.composed.app("intake")

    def broken() -> None:
        raise ValueError(FOREIGN_TEXT)

    broken.access = frozenset()  # type: ignore[attr-defined]
    app.add_url_rule("/api/broken", view_func=broken)
    given = str(uuid4())
    answer = stepped.client("intake", None).get("/api/broken", headers={HEADER: given})
    assert (answer.status_code, answer.headers[HEADER]) == (500, given)
    (line,) = [line for line in lines if line["message"] == "unexpected error"]
    assert (line["correlation_id"], line["error"]) == (given, "ValueError")
    assert FOREIGN_TEXT not in json.dumps(list(lines))
    stepped.client("intake", None).get("/health/live")
    logging.getLogger("shared.here").info("after the request")
    assert "correlation_id" not in list(lines)[-1]


def test_an_event_that_cannot_be_handled_is_found_by_it(stepped: Ground, lines: list[dict[str, Any]]) -> None:
    petition = new_petition(stepped)
    accept(stepped, petition)
    supervision = stepped.instance("supervision")
    event = dataclasses.replace(stepped.outbox("intake")[0], data={})
    with supervision.db.write() as session:
        receive(session, [Arrival(event.to_json().encode())], {event.contract.key})
    Work(supervision.db, supervision.service.handlers, supervision.work_wake).step()
    (line,) = [line for line in lines if line["message"] == "event not handled"]
    assert (line["event_id"], line["correlation_id"]) == (event.id, event.correlationid)


def test_what_a_sender_wrote_in_the_place_of_an_id_is_not_logged(
    stepped: Ground, lines: list[dict[str, Any]]
) -> None:
    new_petition(stepped)
    notify = stepped.instance("notify")
    event = dataclasses.replace(
        stepped.outbox("intake")[0],
        id=FOREIGN_TEXT,
        correlationid=FOREIGN_TEXT,
        causationid=FOREIGN_TEXT,
        data={},
    )
    with notify.db.write() as session:
        receive(session, [Arrival(event.to_json().encode())], {event.contract.key})
    Work(notify.db, notify.service.handlers, notify.work_wake).step()
    assert stepped.rows("notify", Inbox, Inbox.id == FOREIGN_TEXT), "it is kept, for the operator to see"
    (line,) = [line for line in lines if line["message"] == "event not handled"]
    assert (line["event_id"], line["correlation_id"]) == ("?", "?")
    assert FOREIGN_TEXT not in json.dumps(list(lines))


def test_fields_hold_inside_their_block_only(lines: list[dict[str, Any]]) -> None:
    log = logging.getLogger("shared.here")
    with bound(correlation_id="one"):
        with bound(event_id="two"):
            log.info("both")
        log.info("one")
    log.info("none")
    seen = [(line.get("correlation_id"), line.get("event_id")) for line in lines]
    assert seen == [("one", "two"), ("one", None), (None, None)]
