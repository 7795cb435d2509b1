"""A desk of assignment for each test, at noon of 10 March 2026 unless it travels on."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shared import clock
from tests.assignment.desk import NOON, Desk


@pytest.fixture(scope="session")
def prepared_desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with the county in it, to be copied."""
    directory = tmp_path_factory.mktemp("prepared-assignment")
    with clock.travel(NOON):
        Desk(directory).close()
    return directory


@pytest.fixture
def move() -> Iterator[Callable[[timedelta], datetime]]:
    """Moves the clock on."""
    with clock.travel(NOON) as moving:
        yield moving


@pytest.fixture
def desk(prepared_desk: Path, tmp_path: Path, move: object) -> Iterator[Desk]:
    made = Desk(tmp_path, prepared_desk)
    yield made
    made.close()
