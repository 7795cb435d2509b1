"""One-time codes of an app (TOTP, RFC 6238) beside the password, and codes for when the phone is gone.

The secret is kept encrypted under a key made from SECRET_KEY: a copy of the database alone gives no code.
"""

import base64
import hashlib
import hmac
import secrets

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared import clock
from shared.identity.credentials import Credential

STEP = 30  # seconds
RECOVERY_CODES = 8
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without I, O, 0 and 1; 16 of them are 80 bits
ISSUER = "Huajie"


def begin(credential: Credential, key: str) -> None:
    """Give a post a secret, which counts once a code of it was shown."""
    credential.sealed_secret = _fernet(key).encrypt(pyotp.random_base32().encode()).decode()
    credential.secret_confirmed, credential.last_code, credential.recovery_hashes = False, 0, []


def end(credential: Credential) -> None:
    """Ask a post for codes no more."""
    credential.sealed_secret, credential.recovery_hashes = None, []
    credential.secret_confirmed, credential.last_code = False, 0


def confirm(credential: Credential, key: str, code: str) -> list[str] | None:
    """Begin to ask for codes, if this is one. Gives the recovery codes, to be seen this once; else None."""
    if not _is_next_code(credential, key, code):
        return None
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(16)) for _ in range(RECOVERY_CODES)]
    credential.secret_confirmed = True
    credential.recovery_hashes = [_hash(each) for each in codes]
    return ["-".join(each[i : i + 4] for i in range(0, 16, 4)) for each in codes]


def use_code(credential: Credential, key: str, code: str) -> bool:
    """Whether a code is the app's of now, or a recovery code; either is good once."""
    if _is_next_code(credential, key, code):
        return True
    hash_ = _hash(code)
    left = [each for each in credential.recovery_hashes if not hmac.compare_digest(each, hash_)]
    if len(left) == len(credential.recovery_hashes):
        return False
    credential.recovery_hashes = left
    return True


def secret_of(credential: Credential, key: str) -> str | None:
    """The secret (base32), for the app; None without one, or where SECRET_KEY is another than it was."""
    try:
        return _fernet(key).decrypt((credential.sealed_secret or "").encode()).decode()
    except InvalidToken:
        return None


def uri_of(credential: Credential, key: str) -> str:
    """What the QR code says to the app (otpauth://)."""
    return pyotp.TOTP(secret_of(credential, key) or "").provisioning_uri(
        name=credential.post, issuer_name=ISSUER
    )


def _is_next_code(credential: Credential, key: str, code: str) -> bool:
    """Whether it is the code of now, of the step before or after, and of none that was used already."""
    secret, given = secret_of(credential, key), "".join(code.split())
    if secret is None or not (given.isascii() and given.isdigit()):
        return False
    totp, now = pyotp.TOTP(secret), int(clock.now().timestamp()) // STEP
    for step in (now - 1, now, now + 1):
        if step > credential.last_code and hmac.compare_digest(totp.generate_otp(step), given):
            credential.last_code = step
            return True
    return False


def _hash(code: str) -> str:
    plain = "".join(c for c in code.upper() if c.isalnum())
    return hashlib.sha256(plain.encode(errors="replace")).hexdigest()


def _fernet(key: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"huajie one-time codes").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
