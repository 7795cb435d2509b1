"""Passwords of the bus's users: a file each, and the salted hash that RabbitMQ is given of it."""

import base64
import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote, urlsplit

from shared.errors import SettingError


def hash_password(password: str, salt: bytes | None = None) -> str:
    """As `rabbit_password_hashing_sha256`: base64 of 4 bytes of salt and SHA-256(salt + password)."""
    salt = salt or secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def password_hashes(directory: Path, users: Iterable[str]) -> dict[str, str]:
    """The hash of each user's password, which stands in `<user>.password`; made where it is missing.

    Raises SettingError where a file is empty or cannot be read.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {user: hash_password(_password(directory, user)) for user in users}


def write_bus_urls(directory: Path, users: Iterable[str], address: str) -> None:
    """Write for each user what BUS_URL_FILE may name: `<user>.bus-url`, from an address without a user."""
    parts = urlsplit(address)
    for user in users:
        password = quote(_password(directory, user), safe="")
        url = parts._replace(netloc=f"{user}:{password}@{parts.netloc}").geturl()
        _write(directory / f"{user}.bus-url", url)


def _password(directory: Path, user: str) -> str:
    path = directory / f"{user}.password"
    if not path.exists():
        _write(path, secrets.token_urlsafe(24))
    try:
        password = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{path.name} cannot be read ({type(error).__name__})") from error
    if not password:
        raise SettingError(f"{path.name} is empty: remove it, and a password is made")
    return password


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
