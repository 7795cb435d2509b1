"""The objects that these tests ask for, made once for a module."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared import clock
from tests.ground import Ground, clear_memory_bus, one_process
from tests.security.objects import MORNING, Objects


@pytest.fixture(scope="module")
def objects(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Objects]:
    clear_memory_bus()
    directory = tmp_path_factory.mktemp("objects") / "var"
    shutil.copytree(prepared, directory)
    with clock.travel(MORNING) as move, Ground(one_process(directory)) as ground:
        made = Objects(ground)
        made.make(move)
        yield made
