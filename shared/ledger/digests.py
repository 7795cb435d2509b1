"""Digests: of a row as it stands, keyed; of a chain's entry, plain.

A row often holds little that is unknown (a township, a class, whether a choice was made), so that a plain or
salted digest could be guessed by trying all values, also after the row itself was erased. Its digest is
therefore keyed (HMAC) with a key that comes of the service's signing key and is in no database and no
backup of one. The price: a new signing key needs `huajie ledger state`, see the operator's guide.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from functools import cached_property
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.identity.keys import Keys

ALGORITHMS = {"aes": "sha256", "sm": "sm3"}  # by CIPHER_SUITE; both give 64 hexadecimal digits


class Digests:
    """Makes the digests of one service's ledger. `suite`: CIPHER_SUITE, for what is written from now on."""

    def __init__(self, keys: Keys, suite: str = "aes") -> None:
        self.keys = keys
        self.algorithm = ALGORITHMS[suite]

    @cached_property
    def _key(self) -> bytes:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"huajie ledger rows")
        return derived.derive(self.keys.own.private_bytes_raw())

    def of_row(self, table: str, key: str, values: Mapping[str, Any], algorithm: str | None = None) -> str:
        """The digest of a row's values by column. Raises SettingError where the signing key is missing.

        A column without a value counts for nothing, so that a new one changes no digest.
        """
        told = {name: value for name, value in values.items() if value is not None}
        return self._keyed([table, key, told], algorithm)

    def of_key(self, value: Any) -> str:
        """What stands for a key's text in the ledger: it may be a code that says something."""
        return self._keyed(["key", value], "sha256")[:32]

    def _keyed(self, value: Any, algorithm: str | None) -> str:
        text = canonical(value).encode()
        return hmac.digest(self._key, text, algorithm or self.algorithm).hex()


def of_entry(algorithm: str, parts: list[Any]) -> str:
    """The digest of what an entry says. Raises ValueError for an algorithm that is none of ours."""
    if algorithm not in ALGORITHMS.values():
        raise ValueError(f"{algorithm!r} is none of {', '.join(ALGORITHMS.values())}")
    return hashlib.new(algorithm, canonical(parts).encode()).hexdigest()


def canonical(value: Any) -> str:
    """The one way of writing a value as JSON: what is equal in the database gives the same text."""
    return json.dumps(value, default=_plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"a {type(value).__name__} has no canonical form in the ledger: give it one here")
