"""The signing key of each service, and the public keys of those whom it believes.

A folder holds them: `<agency>.<service>.key` (private, PKCS 8, readable by its owner alone) and
`<agency>.<service>.pub`. What a service says to another, and the head of its ledger, is signed with Ed25519
(RFC 8032): no secret is shared, and taking one machine does not give another's voice.
"""

import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from shared.errors import SettingError

_SOURCE = re.compile(r"/([a-z][a-z0-9-]{0,31})/([a-z][a-z0-9-]{0,31})")


class Keys:
    """The keys as one service sees them. `source` is a sender's name as in events: `/<agency>/<service>`."""

    def __init__(self, directory: Path, agency: str, service: str) -> None:
        self._directory = directory
        self.source = f"/{agency}/{service}"

    @cached_property
    def own(self) -> Ed25519PrivateKey:
        """This service's signing key. Raises SettingError where it is missing or no such key."""
        path = _file(self._directory, self.source, "key")
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except (OSError, ValueError, TypeError) as error:
            raise SettingError(
                f"the signing key {path.name} cannot be read ({type(error).__name__}): "
                "make it with `huajie keys`, or set KEYS_DIR to the folder that holds it"
            ) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise SettingError(f"{path.name} is no Ed25519 key: make one with `huajie keys`")
        return key

    def public_of(self, source: str) -> Ed25519PublicKey | None:
        """The public key of a sender; None for one whom this service does not know.

        Read each time, so that a partner who joins or leaves is believed or not at once.
        """
        if not _SOURCE.fullmatch(source):
            return None
        try:
            key = load_pem_public_key(_file(self._directory, source, "pub").read_bytes())
        except (OSError, ValueError):
            return None
        return key if isinstance(key, Ed25519PublicKey) else None

    def sign(self, data: bytes) -> bytes:
        """This service's signature, 64 bytes."""
        return self.own.sign(data)

    def has_signed(self, source: str, signature: bytes, data: bytes) -> bool:
        """Whether a sender that this service knows signed these data."""
        key = self.public_of(source)
        if key is None:
            return False
        try:
            key.verify(signature, data)
        except InvalidSignature:
            return False
        return True


def make_keys(directory: Path, agency: str, services: Iterable[str]) -> list[str]:
    """Make the keys that are missing; returns the names of the services that got one."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = []
    for service in services:
        private = _file(directory, f"/{agency}/{service}", "key")
        if not private.exists():
            key = Ed25519PrivateKey.generate()
            private.touch(mode=0o600)
            private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            private.with_suffix(".pub").write_bytes(public)
            made.append(service)
    return made


def _file(directory: Path, source: str, suffix: str) -> Path:
    agency, _slash, service = source.strip("/").partition("/")
    return directory / f"{agency}.{service}.{suffix}"
