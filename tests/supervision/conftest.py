"""A desk of supervision for each test, at noon of 10 March 2026 unless it travels on."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shared import clock
from tests.supervision.desk import NOON, Desk


@pytest.fixture(scope="session")
def prepared_supervision(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with county and terms in it, to be copied."""
    directory = tmp_path_factory.mktemp("prepared-supervision")
    with clock.travel(NOON):
        Desk(directory).close()
    return directory


@pytest.fixture
def move() -> Iterator[Callable[[timedelta], datetime]]:
    """Moves the clock on."""
    with clock.travel(NOON) as moving:
        yield moving


@pytest.fixture
def desk(prepared_supervision: Path, tmp_path: Path, move: object) -> Iterator[Desk]:
    made = Desk(tmp_path, prepared_supervision)
    yield made
    made.close()
