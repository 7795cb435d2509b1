"""Reporting alone, fed with events."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.reporting.service import SERVICE
from tests.notify.feeding import OneService


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """None for SQLite, or an empty PostgreSQL database."""
    if request.param == "sqlite":
        return None
    url: str = request.getfixturevalue("fresh_database")()
    return url


@pytest.fixture
def reporting(tmp_path: Path, database_url: str | None) -> Iterator[OneService]:
    with OneService(SERVICE, tmp_path, database_url=database_url) as service:
        yield service
