"""Reads the environment, and says of each variable that is wrong how to set it.

Any variable may be given as a file instead (`SECRET_KEY_FILE`), as containers hand secrets over.
"""

import math
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env, EnvError

from shared.errors import SettingError


def text(name: str) -> str | None:
    """A variable, or what stands in the file that `<NAME>_FILE` names; None where blank or not set.

    Raises SettingError where the file cannot be read.
    """
    given = Env().str(name, "").strip()
    path = Env().str(f"{name}_FILE", "").strip()
    if given or not path:
        return given or None
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(
            f"{name}_FILE cannot be read ({type(error).__name__}): it must name a text file that holds {name}"
        ) from error


def number(name: str, default: float, *, low: float, high: float, whole: bool = False) -> float:
    """A number within bounds. Raises SettingError."""
    given = text(name)
    if given is None:
        return default
    try:
        value: float = int(given) if whole else float(given)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        kind = "a whole number" if whole else "a number"
        raise SettingError(f"{name} must be {kind} from {low} to {high}, such as {default:g}, or be unset")
    return value


def switch(name: str) -> bool:
    """Whether a variable is on. Raises SettingError."""
    try:
        return text(name) is not None and Env().bool(name)
    except EnvError:
        raise SettingError(f"{name} must be 1 (on) or 0 (off), or be unset") from None


def choice(name: str, *values: str) -> str:
    """One of some words, the first where not set. Raises SettingError."""
    given = text(name) or values[0]
    if given not in values:
        raise SettingError(f"{name} must be one of {', '.join(values)}, or be unset for {values[0]}")
    return given


def choices(name: str, *values: str) -> tuple[str, ...]:
    """Some of a few words, all where not set. Raises SettingError."""
    given = tuple(filter(None, (part.strip() for part in (text(name) or "").split(","))))
    if not set(given) <= set(values):
        raise SettingError(f"{name} must name some of {','.join(values)}, or be unset for all")
    return given or values


def path(name: str) -> Path | None:
    """A path, if one is given."""
    return Path(given) if (given := text(name)) else None


def pairs(name: str) -> dict[str, str]:
    """Addresses by name. Raises SettingError."""
    found = {}
    for part in filter(None, (p.strip() for p in (text(name) or "").split(","))):
        key, separator, value = part.partition("=")
        if not separator or not value.startswith(("http://", "https://", "/")):
            raise SettingError(f"{name} must look like intake=https://host:8001,assignment=https://host:8002")
        found[key.strip()] = value.strip().rstrip("/")
    return found


def is_address(url: str, scheme: str) -> bool:
    """Whether a url has that scheme, a host, and a port that is a number or none."""
    try:
        parts = urlsplit(url)
        _port = parts.port  # raises when it is no port
    except ValueError:
        return False
    return bool(re.fullmatch(scheme, parts.scheme) and parts.hostname)


def address(name: str, scheme: str, example: str) -> str | None:
    """An address of some scheme, if one is given. Raises SettingError that shows the example."""
    url = text(name)
    if url and not is_address(url, scheme):
        raise SettingError(f"{name} must look like {example}, or be unset")
    return url


def check_writable(name: str, directory: Path) -> None:
    """Make the folder. Raises SettingError where it cannot be written."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        may_write = os.access(directory, os.W_OK)
    except OSError:
        may_write = False
    if not may_write:
        raise SettingError(f"{name} cannot be written: set it to a folder that you may write to")
