"""The bus inside one process."""

import pytest

from tests.bus.behaviour import BusBehaviour
from tests.ground import clear_memory_bus


class TestMemory(BusBehaviour):
    @pytest.fixture
    def bus(self) -> str:
        clear_memory_bus()
        return "memory://"
