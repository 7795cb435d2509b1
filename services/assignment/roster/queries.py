"""Reading the roster: who answers on a day, who is near, who stands in."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from services.assignment.roster.models import Roster, RosterEntry, StandIn, Township, Unit

THE_ROSTER = 1


def version(session: Session) -> int:
    """The version to give back with a change of the roster."""
    roster = session.get(Roster, THE_ROSTER)
    return roster.version if roster else 0


def in_force_on(day: date) -> ColumnElement[bool]:
    """The condition under which a line of the roster holds on a day."""
    return (
        RosterEntry.replaced_at.is_(None)
        & (RosterEntry.valid_from <= day)
        & or_(RosterEntry.valid_until.is_(None), RosterEntry.valid_until >= day)
    )


def entries_on(session: Session, day: date) -> Sequence[RosterEntry]:
    """The roster of a day, by township; empty before the first roster."""
    return session.scalars(select(RosterEntry).where(in_force_on(day)).order_by(RosterEntry.township)).all()


def entry_on(session: Session, township: str, day: date) -> RosterEntry | None:
    """Who answers for a township on a day; before its first line, the first. None: no such township."""
    own = select(RosterEntry).where(RosterEntry.township == township, RosterEntry.replaced_at.is_(None))
    return session.scalar(own.where(in_force_on(day))) or session.scalar(
        own.order_by(RosterEntry.valid_from).limit(1)
    )


def history(session: Session, township: str | None) -> Sequence[RosterEntry]:
    """All lines that ever were or are to come, replaced ones too, by township and first day."""
    statement = select(RosterEntry)
    if township:
        statement = statement.where(RosterEntry.township == township)
    order = (RosterEntry.township, RosterEntry.valid_from, RosterEntry.decided_at)
    return session.scalars(statement.order_by(*order)).all()


def units_of_kind(session: Session, kind: str) -> set[str]:
    """The codes of all units of a kind."""
    return set(session.scalars(select(Unit.code).where(Unit.kind == kind)))


def is_kind(session: Session, unit: str, kind: str) -> bool:
    """Whether a unit is of a kind."""
    found = session.get(Unit, unit)
    return found is not None and found.kind == kind


def seats_in_zone(session: Session, township: str, day: date) -> Sequence[RosterEntry]:
    """The lines of the day for the townships of the same collaboration zone."""
    zone = select(Township.zone).where(Township.code == township).scalar_subquery()
    near = select(Township.code).where(Township.zone == zone)
    return session.scalars(select(RosterEntry).where(in_force_on(day), RosterEntry.township.in_(near))).all()


def stand_ins(session: Session, ending_from: date | None = None) -> Sequence[StandIn]:
    """The recorded stand-ins, those that end on a day or later where one is given."""
    statement = select(StandIn).order_by(StandIn.valid_from, StandIn.leader)
    if ending_from:
        statement = statement.where(StandIn.valid_until >= ending_from)
    return session.scalars(statement).all()


def stood_in_for(unit: str, day: date) -> Select[str]:
    """The absent leaders (their units) for whom a leader stands in on a day."""
    return select(StandIn.leader).where(
        StandIn.stand_in == unit, StandIn.valid_from <= day, StandIn.valid_until >= day
    )
