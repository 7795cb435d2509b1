"""Signed tokens: for people who use the API, and for services that fetch from each other."""

from itsdangerous import BadSignature, URLSafeTimedSerializer

TOKEN_SECONDS = 8 * 3600
PEER_SECONDS = 300


def make_token(secret_key: str, post: str) -> str:
    """A bearer token for the holder of a post, good for 8 hours."""
    return URLSafeTimedSerializer(secret_key, salt="post").dumps(post)


def read_token(secret_key: str, token: str) -> str | None:
    """The post that a token was made for, or None where it is forged or too old."""
    return _read(secret_key, "post", token, TOKEN_SECONDS)


def make_peer_token(secret_key: str, service: str, *, to: str) -> str:
    """A token by which one service shows another (`to`) which it is, good for 5 minutes and nowhere else."""
    return URLSafeTimedSerializer(secret_key, salt=f"peer-to-{to}").dumps(service)


def read_peer_token(secret_key: str, token: str, *, to: str) -> str | None:
    """The service that a peer token was made for, or None; `to`: the service that was asked."""
    return _read(secret_key, f"peer-to-{to}", token, PEER_SECONDS)


def _read(secret_key: str, salt: str, token: str, seconds: int) -> str | None:
    try:
        value = URLSafeTimedSerializer(secret_key, salt=salt).loads(token, max_age=seconds)
    except BadSignature:
        return None
    return value if isinstance(value, str) else None
