"""Signed tokens by which services show each other who they are; people have sessions, see sessions.py."""

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from sqlalchemy import String, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared import clock
from shared.db.base import SharedBase, insert_into
from shared.identity.keys import Keys

PEER_SECONDS = 300
LEEWAY = 60  # how far the clocks of two machines may be apart, in seconds
ALGORITHM = "Ed25519"  # RFC 9864


class UsedToken(SharedBase):
    """A token of another service that was shown here: it is good once."""

    __tablename__ = "used_token"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    until: Mapped[datetime] = mapped_column(index=True)


def make_peer_token(keys: Keys, *, to: str) -> str:
    """A signed token (JWT) by which a service shows another (`to`: `/<agency>/<service>`) which it is.

    Good once, for 5 minutes, and nowhere else.
    """
    now = int(clock.now().timestamp())
    claims = {"iss": keys.source, "aud": to, "iat": now, "exp": now + PEER_SECONDS, "jti": str(uuid4())}
    return jwt.encode({"alg": ALGORITHM}, claims, OKPKey.import_key(keys.own), algorithms=[ALGORITHM])


def read_peer_token(session: Session, keys: Keys, token: str) -> str | None:
    """Who shows a token to this service (`/<agency>/<service>`); None where it is forged, old, used
    before, made for another, or of one whom this service does not know.
    """
    try:
        issuer = str(json.loads(_first_claims(token)).get("iss"))
        public = keys.public_of(issuer)
        if public is None:
            return None
        claims = jwt.decode(token, OKPKey.import_key(public), algorithms=[ALGORITHM]).claims
        _expected(keys.source).validate(claims)
    except (JoseError, ValueError, AttributeError):
        return None
    return issuer if _first_use(session, str(claims["jti"]), int(claims["exp"])) else None


def _expected(audience: str) -> jwt.JWTClaimsRegistry:
    needed: jwt.ClaimsOption = {"essential": True}
    return jwt.JWTClaimsRegistry(
        int(clock.now().timestamp()),
        leeway=LEEWAY,
        aud={"essential": True, "value": audience},
        iss=needed,
        iat=needed,
        exp=needed,
        jti=needed,
    )


def _first_claims(token: str) -> bytes:
    """The claims of a token that nobody has checked yet: they say whose key to check it with."""
    payload = token.split(".")[1] if token.count(".") == 2 else ""
    return base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))


def _first_use(session: Session, id_: str, until: int) -> bool:
    """Note that a token was used; False where it was before."""
    now = clock.now()
    session.execute(delete(UsedToken).where(UsedToken.until < now - timedelta(seconds=LEEWAY)))
    good_until = datetime.fromtimestamp(until, UTC)
    insert = insert_into(session, UsedToken).values(id=id_[:64], until=good_until)
    return bool(session.execute(insert.on_conflict_do_nothing()).rowcount)  # type: ignore[attr-defined]
