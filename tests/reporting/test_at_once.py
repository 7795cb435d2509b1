"""Several workers on one PostgreSQL: the same board as one after the other."""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import func, select

from services.reporting.board.counts import sum_up
from services.reporting.board.models import BoardCount, BoardPetition
from services.reporting.board.rules import LASTING, lasting
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


@pytest.mark.postgres
def test_summing_up_while_events_are_handled_neither_loses_nor_doubles_a_count(
    tmp_path: Path, fresh_database: Callable[[], str]
) -> None:
    rng, events = random.Random(6), []
    for number in range(1, 41):
        with clock.travel(at("2026-04-13 09:00")) as move:
            events += tell(rng, number, move)[1]
    rng.shuffle(events)
    with OneService(SERVICE, tmp_path, database_url=fresh_database()) as many:
        stop = Event()

        def sum_up_again_and_again() -> None:
            while not stop.is_set():
                sum_up(many.instance)

        threads = [Thread(target=sum_up_again_and_again) for _ in range(2)]
        for thread in threads:
            thread.start()
        many.work_at_once(events, workers=3)
        stop.set()
        for thread in threads:
            thread.join()
        with many.db.read() as session:
            kept = {row[0]: tuple(row[1:]) for row in session.execute(SUMS).all() if any(row[1:])}
            counted: dict[str, Counter[str]] = {}
            for petition in session.scalars(select(BoardPetition)):
                if petition.registered_on is not None and not petition.withdrawn:
                    counted.setdefault(cell_of(petition), Counter()).update(lasting(petition))
    assert kept == {cell: tuple(counts[name] for name in LASTING) for cell, counts in counted.items()}


SUMS = select(BoardCount.cell, *(func.sum(getattr(BoardCount, name)) for name in LASTING)).group_by(
    BoardCount.cell
)


def cell_of(petition: BoardPetition) -> str:
    values = (petition.month, petition.township, petition.leader, petition.office, petition.team)
    accepted = "True" if petition.accepted_on else ""
    return "|".join(str(value or "") for value in (*values, petition.content_class, accepted))
