"""A desk of supervision for each test, at noon of 10 March 2026 unless it travels on."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from services.supervision.service import SERVICE
from shared import clock
from shared.runtime.compose import prepare
from shared.runtime.service import Instance
from tests.ground import settings_for
from tests.supervision.desk import NOON, Desk


@pytest.fixture(scope="session")
def prepared_supervision(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with county and terms in it, to be copied."""
    directory = tmp_path_factory.mktemp("prepared-supervision")
    with clock.travel(NOON):
        instance = Instance(SERVICE, settings_for(directory))
        prepare(instance)
        instance.db.close()
    return directory


@pytest.fixture
def move() -> Iterator[Callable[[timedelta], datetime]]:
    """Moves the clock on."""
    with clock.travel(NOON) as moving:
        yield moving


@pytest.fixture
def desk(prepared_supervision: Path, tmp_path: Path, move: object) -> Iterator[Desk]:
    shutil.copytree(prepared_supervision, tmp_path, dirs_exist_ok=True)
    made = Desk(Instance(SERVICE, settings_for(tmp_path)))
    yield made
    made.close()
