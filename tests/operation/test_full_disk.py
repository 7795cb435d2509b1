"""The disk of a database is full: it is said, nothing is half done, and work goes on once there is space."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event, text

from shared.db.outbox import Outbox
from tests.chaos.agreement import check_agreement
from tests.factories import new_petition, petition_body
from tests.ground import Ground

TOO_LONG = "很长的一段话。" * 1000  # more than what is left in half-filled pages


@pytest.fixture
def fill(stepped: Ground) -> Iterator[Callable[[bool], None]]:
    """Lets a database grow no more, or again: SQLite itself then says that the disk is full."""
    engine = stepped.instance("intake").db.engine
    limit = [0]

    def limit_pages(connection: Any, *_: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {limit[0]}")

    event.listen(engine, "checkout", limit_pages)

    def set_full(full: bool) -> None:
        with engine.connect() as connection:
            pages = connection.scalar(text("PRAGMA page_count"))
        limit[0] = pages if full else 2**30

    yield set_full
    event.remove(engine, "checkout", limit_pages)


def test_a_request_is_refused_whole_and_work_goes_on_afterwards(
    stepped: Ground, fill: Callable[[bool], None], caplog: pytest.LogCaptureFixture
) -> None:
    new_petition(stepped)
    stepped.carry()
    clerk, before = stepped.client("intake", "clerk-1"), len(stepped.rows("intake", Outbox))
    fill(True)
    answer = clerk.post("/api/petitions", json=petition_body(text=TOO_LONG))
    assert (answer.status_code, answer.mimetype) == (507, "application/problem+json")
    assert answer.json["type"] == "urn:huajie:problem:disk-full"
    assert "Nothing was changed" in answer.json["detail"]
    assert "the disk of the database is full" in caplog.text
    assert len(clerk.get("/api/petitions").json["items"]) == 1, "reading goes on"
    assert len(stepped.rows("intake", Outbox)) == before, "no event without its petition"
    fill(False)
    assert clerk.post("/api/petitions", json=petition_body(text=TOO_LONG)).status_code == 201
    stepped.carry()
    check_agreement(stepped, 2, 0)
