"""Events in any order, any of them twice: the same board."""

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.reporting.service import SERVICE
from shared import clock
from shared.bus.work import run_handlers
from shared.contracts.envelope import Envelope
from tests.alone import OneService
from tests.reporting.tale import read_model, tell
from tests.story import Story, at


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneService]:
    directory: Path = tmp_path_factory.mktemp("reporting")
    with OneService(SERVICE, directory) as one:
        yield one


def recorded(seed: int) -> list[Envelope]:
    """The lives of three petitions."""
    rng, events = random.Random(seed), []
    for number in range(1, 4):
        with clock.travel(at("2026-04-13 09:00")) as move:
            events += tell(rng, number, move)[1]
    return events


def after(service: OneService, events: list[Envelope]) -> list[list[tuple[str, ...]]]:
    """All rows of the read model after these events; nothing is kept."""
    handlers = {h.contract.key: h for h in SERVICE.handlers}
    with service.db.session() as session:
        for event in events:
            run_handlers([handlers[event.contract.key]], event, session)
        session.flush()  # a row that still waits to be written would not be read back
        session.expire_all()
        return read_model(session)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), order=st.randoms(use_true_random=False), share=st.floats(0, 1))
def test_shuffled_and_repeated_events_make_the_same_board(
    service: OneService, seed: int, order: random.Random, share: float
) -> None:
    events = recorded(seed)
    shuffled = events + [event for event in events if order.random() < share]
    order.shuffle(shuffled)
    assert after(service, shuffled) == after(service, events)


def test_events_of_one_moment_are_told_apart_by_the_way_of_a_petition(service: OneService) -> None:
    with clock.travel(at("2026-04-13 09:00")):
        story = Story()
        events = [
            story.registered(),
            story.transferred(),
            story.returned(),
            story.accepted(township="420324101"),
            story.opened(),
            story.rerouted(leader="leader-2"),
            story.closed(),
        ]
    forward = after(service, events)
    assert after(service, events[::-1]) == forward
    assert "'closed'" in forward[0][0]
    assert "'leader-2'" in forward[0][0]
    assert "'420324101'" in forward[0][0]


def test_of_two_acceptances_the_newer_describes_the_petition(service: OneService) -> None:
    story = Story()
    with clock.travel(at("2026-04-13 09:00")) as move:
        events = []
        for township in ("420324101", "420324102"):
            events += [story.accepted(township=township), story.transferred(), story.returned()]
            move(timedelta(days=1))
    forward = after(service, events)
    assert after(service, events[::-1]) == forward
    assert "'420324102'" in forward[0][0]
