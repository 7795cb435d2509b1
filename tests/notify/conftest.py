"""A notify of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.notify.service import SERVICE
from tests.alone import OneService


@pytest.fixture
def notify(tmp_path: Path, database_url: str | None) -> Iterator[OneService]:
    with OneService(SERVICE, tmp_path, database_url=database_url) as service:
        yield service
