"""Folders for files with petitions in them: nobody else may read them, and none outlives its process.

Whatever a process that was killed has left behind is removed by the next that needs such a folder.
"""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

_PREFIX = "huajie-private-"
_HELD = ".held"


class PrivateFolder:
    """A folder of this user only, removed by `close`. Use it as a context manager where that fits."""

    def __init__(self) -> None:
        self._held = -1
        _remove_orphans()
        self._make()
        while not self.path.exists():  # another took it for an orphan before it was locked
            os.close(self._held)
            self._make()

    def _make(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True)
        self.path = Path(self._folder.name)
        # The lock ends with the process, however it ends.
        self._held = os.open(self.path / _HELD, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._held, fcntl.LOCK_EX)

    def close(self) -> None:
        """Remove it with all that is in it."""
        if self._held >= 0:
            self._folder.cleanup()
            os.close(self._held)
            self._held = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _remove_orphans() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            held = os.open(folder / _HELD, os.O_RDWR)
        except OSError:
            continue  # another user's, or only just made
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            pass  # its process lives
        finally:
            os.close(held)
