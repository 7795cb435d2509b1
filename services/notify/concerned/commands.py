"""Keeps the address book and the routes; an older event never overwrites a newer one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from services.notify.concerned.models import InCharge, Unit
from shared.county import County
from shared.db.hold import hold


def load_units(session: Session, county: County) -> None:
    """Make the address book the county's: units that it no longer has are dropped. Safe to repeat."""
    session.execute(delete(Unit).where(Unit.code.not_in([unit.code for unit in county.units])))
    for unit in county.units:
        session.merge(Unit(code=unit.code, kind=unit.kind, email=unit.email))


def situate(session: Session, petition_id: UUID, township: str) -> InCharge:
    """Note the township (code) that a petition comes from."""
    found = in_charge_of(session, petition_id)
    found.township = township
    session.flush()
    return found


def route(
    session: Session, petition_id: UUID, at: datetime, *, leader: str, office: str, team: str
) -> frozenset[str]:
    """Note who is in charge from `at` on, unless something newer is known.

    Returns the units that were in charge until then and no longer are.
    """
    found = in_charge_of(session, petition_id)
    if found.routed_at is not None and found.routed_at > at:
        return frozenset()
    before = {found.leader, found.office, found.team}
    found.leader, found.office, found.team, found.routed_at = leader, office, team, at
    session.flush()
    return frozenset(unit for unit in before - {leader, office, team} if unit)


def in_charge_of(session: Session, petition_id: UUID) -> InCharge:
    """The route of a petition; a new, empty one where nothing was heard yet."""
    return hold(session, InCharge, petition_id, lambda: InCharge(petition_id=petition_id))
