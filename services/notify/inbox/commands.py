"""Puts notices into inboxes and marks them read. Safe to repeat, in any order."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from services.notify.concerned.commands import in_charge_of
from services.notify.concerned.models import InCharge, Unit
from services.notify.inbox import rules
from services.notify.inbox.models import Arrival, Notice
from services.notify.inbox.queries import notice_of, unread_of
from shared import clock
from shared.bus.handlers import Event
from shared.county import township_unit
from shared.db.hold import held, hold
from shared.db.once import once
from shared.identity import recusal
from shared.identity.roles import Viewer


def announce(
    session: Session,
    event: Event,
    kind: str,
    *,
    named: Iterable[str] = (),
    due_on: date | None = None,
    reference: str | None = None,
) -> None:
    """Give every unit that the rule of `kind` tells its notice; the excluded never get one."""
    petition_id = event.get("petition_id")
    if petition_id and _is_withdrawn(session, petition_id):
        return
    hidden = recusal.excluded_units(session, petition_id) if petition_id else set()
    known = set(session.scalars(select(Notice.unit).where(Notice.event_id == event.id)))
    for unit in sorted(_told(session, kind, petition_id, named) - hidden - known):
        put_notice(
            session,
            unit=unit,
            kind=kind,
            event_id=event.id,
            petition_id=petition_id,
            reference=reference or event["number"],
            due_on=due_on,
            occurred_at=event.occurred_at,
        )


def count_arrival(session: Session, petition_id: UUID, registered_at: datetime) -> None:
    """Count a registered petition in its day's notice, unread again for all but the excluded."""
    day = clock.local_date(registered_at)
    with session.no_autoflush:  # of what is read here only arrivals wait to be written, and those are held
        if _is_withdrawn(session, petition_id):
            return
        arrival = hold(session, Arrival, petition_id, lambda: Arrival(petition_id=petition_id, day=day))
        if arrival not in session.new:
            return
        told = _told(session, rules.ARRIVALS, None, ()) - recusal.excluded_units(session, petition_id)
        of_day = select(Notice).where(Notice.event_id == rules.event_of_day(day))
        notices = {notice.unit: notice for notice in session.scalars(of_day)}
    for unit in sorted(told - notices.keys()):
        put_notice(
            session,
            unit=unit,
            kind=rules.ARRIVALS,
            event_id=rules.event_of_day(day),
            day=day,
            occurred_at=registered_at,
        )
    for unit in told & notices.keys():
        notice = notices[unit]
        if notice.read_at is not None:
            notice.read_at = notice.digest_id = None
            notice.noted_at = clock.now()
            notice.list_key = rules.list_key(notice.occurred_at, notice.id, unread=True)


def hide(session: Session, petition_id: UUID, units: Iterable[str]) -> None:
    """Exclude units from a petition (M8): what they were told of it before disappears."""
    wanted = set(units)
    if not wanted:  # nobody more than before
        return
    recusal.exclude(session, petition_id, wanted)
    session.execute(
        delete(Notice).where(
            Notice.petition_id == petition_id,
            Notice.unit.in_(recusal.excluded_units(session, petition_id)),
        )
    )


def forget(session: Session, petition_id: UUID) -> None:
    """Take back all that was told of a withdrawn petition; what comes of it later is not told either."""
    in_charge_of(session, petition_id).withdrawn = True
    session.execute(delete(Notice).where(Notice.petition_id == petition_id))
    session.execute(delete(Arrival).where(Arrival.petition_id == petition_id))


def mark_read(session: Session, notice_id: UUID, *, by: Viewer) -> Notice:
    """Mark a notice of the viewer's unit read; it stays so. Raises NotFound for any other."""
    notice = notice_of(session, by, notice_id)
    if notice.read_at is None:
        notice.read_at = clock.now()
        notice.list_key = rules.list_key(notice.occurred_at, notice.id, unread=False)
    return notice


def mark_all_read(session: Session, until: datetime | None, *, by: Viewer) -> int:
    """Mark what is unread in the viewer's inbox read, as far as it had come by `until`.

    Returns how many. What arrives between looking and pressing stays unread when `until` is given.
    """
    unread = unread_of(by)
    if until is not None:
        unread = unread.where(Notice.noted_at <= until)
    ids = unread.with_only_columns(Notice.id)
    result: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        update(Notice)
        .where(Notice.id.in_(ids))
        .values(read_at=clock.now(), list_key=rules.READ + func.substr(Notice.list_key, 2))
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)


def _is_withdrawn(session: Session, petition_id: UUID) -> bool:
    found = held(session, InCharge, petition_id)
    return found is not None and found.withdrawn


def _told(session: Session, kind: str, petition_id: UUID | None, named: Iterable[str]) -> set[str]:
    offices = once(session, "offices", lambda: _offices(session))
    return rules.recipients(rules.RULES[kind], _parties(session, petition_id), offices, named)


def _offices(session: Session) -> dict[str, list[str]]:
    """The units of each kind."""
    offices: dict[str, list[str]] = {}
    for code, of_kind in session.execute(select(Unit.code, Unit.kind)):
        offices.setdefault(of_kind, []).append(code)
    return offices


def _parties(session: Session, petition_id: UUID | None) -> rules.Parties:
    found = held(session, InCharge, petition_id) if petition_id else None
    if found is None:
        return rules.Parties()
    township = township_unit(found.township) if found.township else None
    return rules.Parties(found.leader, found.office, found.team, township)


def put_notice(session: Session, *, occurred_at: datetime, **values: Any) -> None:
    """Put one unread notice into a unit's inbox. `values`: columns of Notice."""
    id_ = uuid4()
    key = rules.list_key(occurred_at, id_, unread=True)
    session.add(Notice(id=id_, occurred_at=occurred_at, noted_at=clock.now(), list_key=key, **values))
    session.flush()
