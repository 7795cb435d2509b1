"""Query codes: with one, a petitioner sees how the matter stands, without an account or a name."""

import secrets
import unicodedata
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from services.intake.identities.vault import Hashes
from services.intake.registration.models import Petition, QueryCode
from shared import clock

# No 0/O, 1/I/L, U/V: it is read out on the telephone and copied by hand. 16 of 30 are 78 bits.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16


def issue_code(session: Session, petition_id: UUID, hashes: Hashes) -> str:
    """A new code of the form XXXX-XXXX-XXXX-XXXX; only its keyed hash is kept."""
    plain = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    session.add(QueryCode(digest=_digest(hashes, plain), petition_id=petition_id, issued_at=clock.now()))
    return "-".join(plain[i : i + 4] for i in range(0, LENGTH, 4))


def find_by_code(session: Session, code: str, hashes: Hashes) -> Petition | None:
    """The petition of a code, however it was typed; None for a wrong one."""
    issued = session.get(QueryCode, _digest(hashes, code))
    return session.get(Petition, issued.petition_id) if issued else None


def has_code(session: Session, petition_id: UUID) -> bool:
    """Whether a petition has a query code."""
    issued = select(QueryCode.digest).where(QueryCode.petition_id == petition_id)
    return session.scalar(issued.limit(1)) is not None


def issued_on(session: Session, petition_id: UUID) -> datetime | None:
    """When the query code that opens now was issued."""
    return session.scalar(select(func.max(QueryCode.issued_at)).where(QueryCode.petition_id == petition_id))


def revoke_codes(session: Session, petition_id: UUID) -> None:
    """Remove the query codes of a petition: they are then as wrong as any other."""
    session.execute(delete(QueryCode).where(QueryCode.petition_id == petition_id))


def plain_code(code: str) -> str:
    """A code as it was issued, whatever was typed between its signs, in small or in wide letters."""
    typed = unicodedata.normalize("NFKC", code[:200]).upper()
    return "".join(c for c in typed if c in ALPHABET)[:LENGTH]


def _digest(hashes: Hashes, code: str) -> str:
    return hashes.digest("query-code", plain_code(code))
