"""Makes e-mails of unread notices and keeps what became of each. None of these talks to a server."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from services.notify.concerned.models import Unit
from services.notify.delivery import rules
from services.notify.delivery.models import Digest
from services.notify.delivery.rules import State
from services.notify.inbox.models import Notice
from services.notify.inbox.queries import shown
from shared import clock
from shared.contracts.notify import NoticeFailedV1
from shared.db.outbox import record
from shared.errors import N_, NotFound, OutOfOrder

UNREAD = (Notice.read_at.is_(None), shown())


@dataclass(frozen=True)
class Try:
    """One try to hand an e-mail over: taken by one process at a time."""

    digest_id: UUID
    to: str
    attempt: int


def is_due(session: Session) -> bool:
    """Whether anything may be to be made or sent: asked often, so it is cheap and may err to yes."""
    fresh = select(Notice.id).where(Notice.read_at.is_(None), Notice.digest_id.is_(None)).limit(1)
    return session.scalar(fresh) is not None or session.scalar(_due().limit(1)) is not None


def make_digests(session: Session) -> int:
    """Make one e-mail for each unit that has news not yet mailed and may be written to; how many."""
    fresh = select(Notice.unit).where(Notice.digest_id.is_(None), *UNREAD)
    # The lock on the unit keeps two processes from making the same e-mail.
    units = select(Unit.code).where(Unit.email != "", Unit.code.in_(fresh)).order_by(Unit.code)
    made = 0
    for unit in session.scalars(units.with_for_update(skip_locked=True)).all():
        if not _may_mail(session, unit):
            continue
        now = clock.now()
        digest = Digest(id=uuid4(), unit=unit, state=State.WAITING, made_at=now, next_attempt_at=now)
        session.add(digest)
        session.execute(_claim(unit, digest.id))
        made += 1
    return made


def take(session: Session) -> Try | None:
    """Take up the next e-mail that is due. It is off limits to others while it is being tried.

    The try is counted before it begins, so that a crash costs a wait, and not a second e-mail at once.
    """
    digest = session.scalar(_due().limit(1).with_for_update(skip_locked=True))
    if digest is None:
        return None
    unit = session.get(Unit, digest.unit)
    digest.attempts += 1
    digest.next_attempt_at = clock.now() + rules.ONE_TRY
    return Try(digest.id, unit.email if unit else "", digest.attempts)


def is_needed(session: Session, digest_id: UUID) -> bool:
    """Whether the unit still has anything unread: otherwise the e-mail is dropped here."""
    digest = _get(session, digest_id)
    if session.scalar(select(Notice.id).where(Notice.unit == digest.unit, *UNREAD).limit(1)):
        return True
    digest.state, digest.ended_at = State.DROPPED, clock.now()
    return False


def note_sent(session: Session, tried: Try) -> None:
    """The server has taken it."""
    digest = _get(session, tried.digest_id)
    digest.state, digest.ended_at, digest.last_error = State.SENT, clock.now(), None


def note_failed(session: Session, tried: Try, error: str) -> None:
    """Put it off, or after the last try give it up and record `notice.failed`."""
    digest = _get(session, tried.digest_id)
    if digest.state != State.WAITING or digest.attempts != tried.attempt:
        return  # somebody else has taken it up since
    digest.last_error = error[:100]
    wait = rules.wait_after(digest.attempts)
    if wait is not None:
        digest.next_attempt_at = clock.now() + wait
        return
    digest.state, digest.ended_at = State.FAILED, clock.now()
    digest.failed_key = rules.failed_key(digest.ended_at, digest.id)
    record(
        session,
        NoticeFailedV1,
        subject=digest.id,
        notice_id=digest.id,
        recipient=digest.unit,
        channel="email",
        attempts=digest.attempts,
        failed_at=digest.ended_at,
    )


def resend(session: Session, digest_id: UUID) -> Digest:
    """Try a failed e-mail again, with all tries before it. Raises NotFound, OutOfOrder."""
    digest = session.get(Digest, digest_id, with_for_update=True)
    if digest is None:
        raise NotFound(N_("There is no such message. Look it up in the list of those that failed."))
    if digest.state != State.FAILED:
        raise OutOfOrder(N_("This message has not failed: it needs no resending."))
    digest.state, digest.attempts, digest.ended_at = State.WAITING, 0, None
    digest.failed_key = None
    digest.next_attempt_at = clock.now()
    return digest


def _due() -> Any:
    return (
        select(Digest)
        .where(Digest.state == State.WAITING, Digest.next_attempt_at <= clock.now())
        .order_by(Digest.next_attempt_at)
    )


def _get(session: Session, digest_id: UUID) -> Digest:
    return session.get_one(Digest, digest_id, with_for_update=True)


def _may_mail(session: Session, unit: str) -> bool:
    of_unit = Digest.unit == unit
    if session.scalar(select(exists().where(of_unit, Digest.state == State.WAITING))):
        return False
    last = session.scalar(select(func.max(func.coalesce(Digest.ended_at, Digest.made_at))).where(of_unit))
    return last is None or last + rules.BETWEEN_MAILS <= clock.now()


def _claim(unit: str, digest_id: UUID) -> Any:
    return (
        update(Notice)
        .where(Notice.unit == unit, Notice.digest_id.is_(None), Notice.read_at.is_(None))
        .values(digest_id=digest_id)
        .execution_options(synchronize_session=False)
    )
