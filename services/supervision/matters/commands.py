"""Keeps what events say about a petition, once each, and brings its clocks in line."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.supervision.clocks.models import Clock
from services.supervision.clocks.settle import drop, settle
from services.supervision.matters.models import Fact, Matter
from services.supervision.matters.rules import Kind
from shared.db.hold import hold
from shared.identity.recusal import exclude


def note(
    session: Session, petition_id: UUID, number: str, kind: Kind, at: datetime, ref: object = "", **data: Any
) -> None:
    """Keep a fact and settle the clocks. Of the same fact told twice the earlier telling stands.

    `data`: codes, flags, dates and ids.
    """
    matter = matter_of(session, petition_id, number)
    if matter.withdrawn:
        return
    facts = _facts(session, matter)
    known = next((fact for fact in facts if (fact.kind, fact.ref) == (kind.value, str(ref))), None)
    if known is not None and known.at <= at:
        return
    kept = {name: _plain(value) for name, value in data.items()}
    if known is None:
        fact = Fact(petition_id=petition_id, kind=kind.value, ref=str(ref), at=at, data=kept)
        session.add(fact)
        facts.append(fact)
    else:
        known.at, known.data = at, kept
    settle(session, matter, facts)


def hide(session: Session, petition_id: UUID, number: str, units: Iterable[str]) -> None:
    """Exclude units from a petition (M8)."""
    wanted = set(units)
    if wanted and not matter_of(session, petition_id, number).withdrawn:
        exclude(session, petition_id, wanted)


def withdraw(session: Session, petition_id: UUID, number: str) -> None:
    """Stop its clocks and drop what is kept of it; what still arrives about it is not kept.

    检举控告工作规则 15: what leaves by the sealed route is in no register.
    """
    matter = matter_of(session, petition_id, number)
    if matter.withdrawn:
        return
    for found in session.scalars(select(Clock).where(Clock.petition_id == petition_id)).all():
        drop(session, found)
    session.execute(delete(Fact).where(Fact.petition_id == petition_id))
    matter.withdrawn = True
    matter.township = matter.leader = matter.office = matter.team = None
    session.flush()


def matter_of(session: Session, petition_id: UUID, number: str) -> Matter:
    """The row of a petition; a new one where nothing was heard of it yet."""
    return hold(
        session,
        Matter,
        petition_id,
        lambda: Matter(petition_id=petition_id, number=number, withdrawn=False),
    )


def _facts(session: Session, matter: Matter) -> list[Fact]:
    """All that is known of a held matter."""
    if matter in session.new:
        return []
    return list(session.scalars(select(Fact).where(Fact.petition_id == matter.petition_id)))


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, date | UUID) else value
