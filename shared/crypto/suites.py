"""The suites by which data are sealed: what AES-256-GCM and SHA-256 do, and what SM4-GCM and SM3 do.

GB/T 39786 asks public bodies in China for the second (GB/T 32907 SM4, GB/T 32905 SM3). Sealed data say by
their first byte which suite sealed them, so that both can stand side by side.
"""

import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE, TAG = 12, 16  # bytes, NIST SP 800-38D


class CannotOpen(Exception):
    """It was sealed with another key, for another place, or was altered since: the three look alike."""


@dataclass(frozen=True)
class Suite:
    """A cipher in GCM and its hash. Each key seals less than the 2^32 messages that random nonces allow."""

    name: str
    tag: int  # the first byte of what it sealed
    cipher: type[algorithms.AES | algorithms.SM4]
    key_bytes: int
    hash: hashes.HashAlgorithm

    def new_key(self) -> bytes:
        """A random key."""
        return secrets.token_bytes(self.key_bytes)

    def hash_key(self) -> bytes:
        """A random key for keyed hashes, as long as the hash."""
        return secrets.token_bytes(self.hash.digest_size)

    def seal(self, key: bytes, data: bytes, place: bytes) -> bytes:
        """Seal data: suite, nonce, sealed data, tag. `place`: where they belong; they open nowhere else."""
        nonce, head = secrets.token_bytes(NONCE), bytes([self.tag])
        encryptor = Cipher(self.algorithm(key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(head + place)
        return b"".join((head, nonce, encryptor.update(data), encryptor.finalize(), encryptor.tag))

    def derive(self, key: bytes, purpose: str) -> bytes:
        """A key of this suite for one purpose, from a longer-lived one (RFC 5869)."""
        return HKDF(self.hash, self.key_bytes, None, purpose.encode()).derive(key)

    def digest(self, key: bytes, purpose: str, value: str) -> str:
        """A keyed hash (RFC 2104) as hex, 64 characters: who lacks the key can neither make nor guess it."""
        code = HMAC(key, self.hash)
        code.update(f"{purpose}\x00{value}".encode())
        return code.finalize().hex()

    def algorithm(self, key: bytes) -> algorithms.AES | algorithms.SM4:
        """The cipher with a key. Raises CannotOpen for a key that is not one of this suite."""
        if len(key) != self.key_bytes:
            raise CannotOpen
        return self.cipher(key)


SUITES = {
    suite.name: suite
    for suite in (
        Suite("aes", 1, algorithms.AES, 32, hashes.SHA256()),
        Suite("sm", 2, algorithms.SM4, 16, hashes.SM3()),
    )
}


def suite_of(sealed: bytes) -> Suite:
    """The suite that sealed it. Raises CannotOpen for what none of them sealed."""
    found = next((suite for suite in SUITES.values() if sealed[:1] == bytes([suite.tag])), None)
    if found is None or len(sealed) < 1 + NONCE + TAG:
        raise CannotOpen
    return found


def unseal(key: bytes, sealed: bytes, place: bytes) -> bytes:
    """What was sealed with this key for this place, by whichever suite. Raises CannotOpen."""
    head, nonce = sealed[:1], sealed[1 : 1 + NONCE]
    algorithm = suite_of(sealed).algorithm(key)
    decryptor = Cipher(algorithm, modes.GCM(nonce, sealed[-TAG:])).decryptor()
    decryptor.authenticate_additional_data(head + place)
    try:
        return decryptor.update(sealed[1 + NONCE : -TAG]) + decryptor.finalize()
    except InvalidTag:
        raise CannotOpen from None
