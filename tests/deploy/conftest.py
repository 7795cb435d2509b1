"""The whole of compose.yaml as processes, started once for the tests of a file and stopped after them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.stack import Stack
from tests.servers import PostgreSQL

AGENCY = "petition-bureau"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Demo posts, all processes healthy, the proxy in front."""
    directory: Path = tmp_path_factory.mktemp("stack")
    with PostgreSQL(fsync=False) as postgresql, Stack(postgresql, directory, DEMO="1") as running:
        yield running
