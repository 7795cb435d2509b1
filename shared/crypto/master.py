"""The master keys: a small file that wraps all keys in the database and lies apart from it.

Each line is `<id> <64 hex digits>`; the first key is the newest. Several stand there while a rotation is
under way. The file is read again whenever it changes, so that nothing needs to be started anew.
"""

import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

from shared import clock
from shared.crypto.suites import SUITES, suite_of, unseal
from shared.errors import SettingError

_LINE = re.compile(r"(?P<id>[a-z0-9-]{1,40})[ \t]+(?P<key>[0-9a-f]{64})")
HOW = (
    "MASTER_KEY_FILE must name the file that `huajie master-key new` printed, one line "
    "`<id> <64 hex digits>` for each key; it is kept apart from the database and its backups"
)


class Keyring:
    """The master keys of a file, the newest first. All methods raise SettingError where it is unreadable."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        self._seen: tuple[int, ...] | None = None
        self._keys: dict[str, bytes] = {}
        self._derived: dict[tuple[str, str], bytes] = {}

    @property
    def keys(self) -> Mapping[str, bytes]:
        """All keys by id, the newest first; for whoever writes the file anew."""
        return dict(self._current())

    @property
    def ids(self) -> list[str]:
        """The ids of its keys, the newest first."""
        return list(self._current())

    def wrap(self, id_: str, suite: str, key: bytes, place: bytes) -> bytes:
        """A key sealed by a master key. Raises KeyError for an id that the file lacks."""
        return SUITES[suite].seal(self._wrapping(id_, suite), key, place)

    def unwrap(self, id_: str, wrapped: bytes, place: bytes) -> bytes:
        """The key again. Raises KeyError, CannotOpen."""
        return unseal(self._wrapping(id_, suite_of(wrapped).name), wrapped, place)

    def _wrapping(self, id_: str, suite: str) -> bytes:
        master, known = self._current()[id_], self._derived
        if (id_, suite) not in known:
            known[id_, suite] = SUITES[suite].derive(master, "huajie wrap")
        return known[id_, suite]

    def _current(self) -> Mapping[str, bytes]:
        """The keys as the file has them now."""
        with self._lock:
            try:
                stat = self.path.stat()
                seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
                if seen != self._seen:
                    self._keys, self._seen, self._derived = read_keys(self.path.read_text("ascii")), seen, {}
            except (OSError, UnicodeDecodeError) as error:
                raise SettingError(
                    f"the master key cannot be read ({type(error).__name__}). {HOW}"
                ) from error
            return self._keys


def read_keys(text: str) -> dict[str, bytes]:
    """The keys of a keyring by id, in their order. Raises SettingError, which never shows a key."""
    keys: dict[str, bytes] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None or match["id"] in keys:
            raise SettingError(f"line {number} of the master key file is no key, or one again. {HOW}")
        keys[match["id"]] = bytes.fromhex(match["key"])
    if not keys:
        raise SettingError(f"the master key file holds no key. {HOW}")
    return keys


def new_keyring(before: Mapping[str, bytes]) -> str:
    """The text of a keyring with a new key in front of those that were there."""
    id_ = f"{clock.now():%Y%m%d}-{secrets.token_hex(4)}"
    return keyring_text({id_: secrets.token_bytes(32), **before})


def keyring_text(keys: Mapping[str, bytes]) -> str:
    """The text of a keyring."""
    return "".join(f"{id_} {key.hex()}\n" for id_, key in keys.items())


def write_keyring(path: Path, text: str) -> None:
    """Put a keyring in the place of the former, at once and readable by its owner alone.

    Raises SettingError where it may not be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".master-key-")  # made with mode 0600
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise SettingError(
            f"the master key file cannot be written ({type(error).__name__}): where it is a secret that is "
            "mounted to be read, put there what `huajie master-key new` prints and run "
            "`huajie master-key rewrap`"
        ) from error
