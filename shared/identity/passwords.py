"""Which passwords may be used, and how they are kept: after NIST SP 800-63B, long and not guessable.

No rule about kinds of characters, and no change without a reason: both make people write passwords down.
"""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.errors import N_, Invalid

SHORTEST, LONGEST = 12, 200  # characters
LEAST_DIFFERENT = 5  # characters that differ: fewer is a pattern

# Of 12 and more characters, as lists of stolen passwords have them; also with digits after them.
COMMON = frozenset(
    """
    password password1 passw0rd p@ssword letmein welcome qwertyuiop qwertyuiopasdfghjkl qwertyuiopasdf
    1qaz2wsx3edc 1qaz2wsx3edc4rfv 1q2w3e4r5t6y 1q2w3e4r5t qazwsxedcrfv zaq12wsxcde3 asdfghjkl
    asdfghjklzxcvbnm zxcvbnm abcdefghijkl abcdefghijklmnop iloveyou administrator admin administrator1
    changeme changeit default secret woaini woaini1314 woaini5201314 5201314 1314520 huajie huajieadmin
    huajiepassword xinfang xinfangju zhuxi zhuxidemo zhuxi-demo mimamima mima qwerty qwertyqwerty abc
    abcabc aa a123456 qq123456 admin888 adminadmin testtest test guest guestguest user
    """.split()  # noqa: SIM905 (a list of words is read more easily so)
)
RUNS = (
    "0123456789" * 4,
    "9876543210" * 4,
    "abcdefghijklmnopqrstuvwxyz" * 2,
    "qwertyuiopasdfghjklzxcvbnm" * 2,
)

_HASHER = PasswordHasher()
# Checked where there is no password, so that an answer takes as long either way.
_NOBODY = _HASHER.hash("nobody")


def check_password(post: str, password: str, field: str = "password") -> None:
    """Raises Invalid, which says why a password may not be a post's."""
    text = _same(password).lower()
    if len(text) < SHORTEST:
        raise Invalid(N_("Use at least %(count)s characters."), field=field, count=SHORTEST)
    if len(text) > LONGEST:
        raise Invalid(N_("Use at most %(count)s characters."), field=field, count=LONGEST)
    plain = "".join(c for c in text if c.isalnum())
    named = "".join(c for c in post.lower() if c.isalnum())
    if named and named in plain and len(plain) - len(named) < SHORTEST:
        raise Invalid(N_("Do not use the name of the post as the password."), field=field)
    if _is_common(text) or len(set(text)) < LEAST_DIFFERENT:
        raise Invalid(
            N_(
                "This password is among the first that are guessed. Take four words that have nothing to do "
                "with each other."
            ),
            field=field,
        )


def hashed(password: str) -> str:
    """What is kept of a password (Argon2id)."""
    return _HASHER.hash(_same(password))


def fits(kept: str | None, password: str) -> bool:
    """Whether a password is the one kept; takes as long where none is."""
    try:
        return _HASHER.verify(kept or _NOBODY, _same(password)) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def _same(password: str) -> str:
    """One spelling for what looks alike on two keyboards."""
    return unicodedata.normalize("NFKC", password)


def _is_common(text: str) -> bool:
    word = text.strip("0123456789!@#$%^&*.,_- ")
    half = text[: len(text) // 2]
    return (
        word in COMMON
        or text in COMMON
        or any(text in run for run in RUNS)
        or half in COMMON
        and half * 2 == text
    )
