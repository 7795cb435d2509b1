"""`huajie run` never takes the data away from under another that is running."""

import fcntl
import socket
from pathlib import Path

import pytest

from shared.errors import SettingError
from shared.runtime import embedded
from tests.ground import settings_for
from tests.processes import HOST, free_port
from tests.runtime.test_settings import huajie

pytestmark = pytest.mark.slow


def test_a_taken_port_is_said_before_anything_is_removed(tmp_path: Path) -> None:
    kept = tmp_path / "intake.db"
    kept.write_bytes(b"kept")
    with socket.create_server((HOST, 0)) as other:
        settings = settings_for(tmp_path, port=other.getsockname()[1])
        with pytest.raises(SettingError, match=r"port .* is taken"):
            embedded.run(settings, fresh=True, say=lambda _line: None)
    assert kept.read_bytes() == b"kept"


def test_data_in_use_are_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "intake.db"
    kept.write_bytes(b"kept")
    with (tmp_path / "running").open("w") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)  # a lock of this process does not stop this process: ask another
        done = huajie(tmp_path, "run", "--fresh", "--port", str(free_port()))
    assert done.returncode == 1
    assert "these data are in use" in done.stderr
    assert kept.read_bytes() == b"kept"
