"""Several workers on one PostgreSQL: the same board as one after the other."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.reporting.service import SERVICE
from shared import clock
from tests.alone import OneService
from tests.reporting.tale import read_model, tell
from tests.story import at


def rows(service: OneService) -> list[list[tuple[str, ...]]]:
    with service.db.read() as session:
        return read_model(session)


@pytest.mark.postgres
def test_events_of_one_petition_at_work_at_once_lose_nothing(
    tmp_path: Path, fresh_database: Callable[[], str]
) -> None:
    rng, events = random.Random(5), []
    for number in range(1, 41):
        with clock.travel(at("2026-04-13 09:00")) as move:
            events += tell(rng, number, move)[1]
    settings: list[dict[str, Any]] = [{"database_url": None}, {"database_url": fresh_database()}]
    with (
        OneService(SERVICE, tmp_path / "one", **settings[0]) as one,
        OneService(SERVICE, tmp_path / "many", **settings[1]) as many,
    ):
        one.feed(*events)
        rng.shuffle(events)
        many.work_at_once(events, workers=4)
        assert rows(many) == rows(one)
