"""Signed heads: a service tells the others how far its ledger has come, and keeps what they told it.

Whoever rewrites a ledger can make a chain that is sound in itself, but not the copies of its former heads
that lie in the databases of four other services, and with partners.
"""

import base64
import binascii
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from shared import clock
from shared.contracts import registry
from shared.db.outbox import record
from shared.errors import N_
from shared.identity.keys import Keys
from shared.ledger.chain import last_sealed
from shared.ledger.digests import canonical
from shared.ledger.models import LedgerHead

EVERY = timedelta(minutes=10)
PROBLEMS = {
    "unsigned": N_("its signature does not fit: somebody else spoke, or its public key here is another"),
    "contradicts": N_("another hash than it told before for the same place: the ledger was rewritten"),
    "went_back": N_("it is shorter than it was: entries were removed, or a backup was restored"),
    "rewritten": N_("its hash there is another now: the ledger was rewritten"),
}


def is_due(session: Session, source: str, *, at_once: bool = False) -> bool:
    """Whether there is a new head to sign: every 10 minutes at most unless `at_once`."""
    position, _hash = last_sealed(session)
    mine = select(LedgerHead).where(LedgerHead.source == source, counts())
    last = session.scalar(mine.order_by(LedgerHead.signed_at.desc(), LedgerHead.position.desc()).limit(1))
    if last is None:
        return position > 0
    return position != last.position and (at_once or clock.now() - last.signed_at >= EVERY)


def sign_head(session: Session, keys: Keys, algorithm: str, *, at_once: bool = False) -> bool:
    """Sign and publish the head where it is due, see `is_due`.

    Raises SettingError where the signing key is missing.
    """
    if not is_due(session, keys.source, at_once=at_once):
        return False
    position, hash_ = last_sealed(session)
    now = clock.now()
    head = LedgerHead(
        source=keys.source, position=position, hash=hash_, algorithm=algorithm, signed_at=now, heard_at=now
    )
    head.signature = base64.b64encode(keys.sign(signed_text(head))).decode()
    contract = registry.contract_named(f"{keys.source.rpartition('/')[2]}.ledger.signed.v1")
    said = record(
        session,
        contract.schema,
        subject=position,
        position=position,
        hash=hash_,
        algorithm=algorithm,
        signature=head.signature,
        signed_at=now,
    )
    head.event_id = said.id
    session.add(head)
    return True


def signed_text(head: LedgerHead) -> bytes:
    """What a head's signature is over: canonical JSON of source, position, algorithm, hash and moment."""
    parts = [head.source, head.position, head.algorithm, head.hash, head.signed_at]
    return canonical(parts).encode()


def is_signed(head: LedgerHead, keys: Keys) -> bool:
    """Whether the signature of a head is that of its source."""
    try:
        signature = base64.b64decode(head.signature, validate=True)
    except binascii.Error:
        return False
    return keys.has_signed(head.source, signature, signed_text(head))


def keep(session: Session, head: LedgerHead, keys: Keys | None) -> None:
    """Keep a head that was heard, with what is wrong with it, if anything. Safe to repeat."""
    if session.get(LedgerHead, head.event_id) is not None:
        return
    if keys is None or not is_signed(head, keys):
        head.problem = "unsigned"
    else:
        head.problem = _contradiction(session, head)
    session.add(head)


def _contradiction(session: Session, head: LedgerHead) -> str | None:
    earlier = and_(
        LedgerHead.source == head.source, counts(), LedgerHead.problem.is_distinct_from("unsigned")
    )
    other = and_(earlier, LedgerHead.position == head.position, LedgerHead.hash != head.hash)
    if session.scalar(select(exists().where(other))):
        return "contradicts"
    # By when they were signed, since an older head may come later.
    further = and_(LedgerHead.position > head.position, LedgerHead.signed_at < head.signed_at)
    shorter = and_(LedgerHead.position < head.position, LedgerHead.signed_at > head.signed_at)
    if session.scalar(select(exists().where(earlier, or_(further, shorter)))):
        return "went_back"
    return None


def counts() -> ColumnElement[bool]:
    """The condition of a head with which others are compared: no operator has put it away."""
    return LedgerHead.acknowledged_at.is_(None)


def acknowledge(session: Session, source: str, reason: str) -> int:
    """Put away what is known of a ledger up to now, with the reason; returns how many heads.

    For a ledger that went back for a good reason (a backup was restored): it is compared from here on anew.
    """
    known = update(LedgerHead).where(LedgerHead.source == source, counts())
    result = session.execute(known.values(acknowledged_at=clock.now(), reason=reason[:200]))
    return int(result.rowcount)  # type: ignore[attr-defined]


def alarms(session: Session) -> list[LedgerHead]:
    """The heads with which something is wrong and which no operator has acknowledged."""
    wrong = select(LedgerHead).where(LedgerHead.problem.is_not(None), counts())
    return list(session.scalars(wrong.order_by(LedgerHead.source, LedgerHead.heard_at).limit(100)))
