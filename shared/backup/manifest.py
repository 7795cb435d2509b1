"""What stands beside the files of a backup and says what they are: read and checked before any is used.

It is written last: a folder without it is no backup.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from shared.errors import SettingError

NAME = "manifest.json"
FORMAT = 1


@dataclass(frozen=True)
class Part:
    """The database of one service, as a file of the backup."""

    file: str
    bytes: int
    sha256: str
    versions: list[str]  # alembic's, of the tables in it
    position: int  # the last that its outbox had given


@dataclass(frozen=True)
class Manifest:
    """A whole backup: all services at one moment."""

    made_at: str  # ISO 8601, UTC
    huajie: str  # the version that made it
    agency: str
    database: str  # postgresql or sqlite
    services: dict[str, Part]
    format: int = FORMAT


def huajie_version() -> str:
    """The version of this code."""
    return version("huajie")


def part_of(file: Path, versions: list[str], position: int) -> Part:
    """Describe a file that was written."""
    return Part(file.name, file.stat().st_size, _digest(file), versions, position)


def write(manifest: Manifest, directory: Path) -> None:
    """Write it, whole or not at all."""
    unfinished = directory / f"{NAME}.unfinished"
    unfinished.write_text(json.dumps(asdict(manifest), indent=2) + "\n", encoding="utf-8")
    unfinished.rename(directory / NAME)


def read(directory: Path) -> Manifest:
    """The manifest of a backup after a look at its files. Raises SettingError naming what is missing."""
    try:
        raw = json.loads((directory / NAME).read_text(encoding="utf-8"))
        if raw["format"] != FORMAT:
            raise SettingError(
                f"this backup has format {raw['format']!r}: restore it with the version that made it"
            )
        parts = {name: Part(**part) for name, part in raw.pop("services").items()}
        manifest = Manifest(services=parts, **raw)
    except FileNotFoundError as error:
        raise SettingError(f"there is no whole backup: {NAME} is missing in the folder") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise SettingError(f"{NAME} cannot be read or was altered: take another backup") from error
    for name, part in manifest.services.items():
        _check(name, part, directory)
    return manifest


def _check(service: str, part: Part, directory: Path) -> None:
    file = directory / Path(part.file).name
    if not file.is_file():
        raise SettingError(f"{service}: the file {part.file} of the backup is missing: take another backup")
    if file.stat().st_size != part.bytes or _digest(file) != part.sha256:
        raise SettingError(f"{service}: the file {part.file} is not what was backed up: take another backup")


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
