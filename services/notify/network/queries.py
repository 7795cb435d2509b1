"""Extracts that a viewer may see, and the matters of which they may make one.

Whoever is kept out of a matter sees none of its extracts (M8), and an agency sees what was issued to it.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, false, select
from sqlalchemy.orm import Session

from services.notify.concerned.models import InCharge
from services.notify.network.models import Extract, Matter
from services.notify.network.rules import DRAFT, WITH_AGENCY
from shared.errors import N_, NotFound
from shared.identity.recusal import not_excluded
from shared.identity.roles import SEES_ALL, Role, Viewer
from shared.identity.scopes import EXTRACTS, SHARED_MATTERS, SHARING, Reach, Scope

READERS = (*SEES_ALL, Role.LEADER, Role.OFFICE, Role.TEAM, Role.LIAISON)
WRITERS = (Role.HEAD, Role.LEADER, Role.OFFICE)  # draft
ISSUERS = (Role.HEAD, Role.LEADER)  # issue and recall
_SEATS = {Role.LEADER: InCharge.leader, Role.OFFICE: InCharge.office, Role.TEAM: InCharge.team}


def extracts_for(viewer: Viewer, filters: dict[str, Any]) -> Select[Extract]:
    """The extracts that a viewer may see, by state, agency and petition."""
    statement = select(Extract).where(_scope(viewer), not_excluded(Extract.petition_id, viewer))
    for name in ("state", "agency", "petition_id"):
        if filters.get(name):
            statement = statement.where(getattr(Extract, name) == filters[name])
    return statement


def extract_for(session: Session, viewer: Viewer, extract_id: UUID) -> Extract:
    """One extract. Raises NotFound alike where it does not exist and where it may not be seen."""
    found = session.scalar(extracts_for(viewer, {}).where(Extract.id == extract_id))
    if found is None:
        raise NotFound(N_("There is no such extract, or it is not yours to see."))
    return found


def matters_for(viewer: Viewer) -> Select[Matter]:
    """The matters that a viewer may share."""
    return select(Matter).where(_has_matter(viewer), not_excluded(Matter.petition_id, viewer))


def matter_for(session: Session, viewer: Viewer, petition_id: UUID) -> Matter:
    """A matter that a viewer may share. Raises NotFound."""
    found = session.scalar(matters_for(viewer).where(Matter.petition_id == petition_id))
    if found is None:
        raise NotFound(N_("There is no such petition, or it is not yours to see."))
    return found


def sees_matter(session: Session, viewer: Viewer, petition_id: UUID) -> Matter | None:
    """A matter whose extracts a viewer may see, if it is one of theirs."""
    statement = select(Matter).where(Matter.petition_id == petition_id, _has_matter(viewer, SHARED_MATTERS))
    return session.scalar(statement.where(not_excluded(Matter.petition_id, viewer)))


def _scope(viewer: Viewer) -> ColumnElement[bool]:
    return EXTRACTS.where(viewer, {Reach.UNIT: lambda: _of_unit(viewer)})


def _of_unit(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.role is Role.LIAISON:
        return (Extract.agency == viewer.unit) & (Extract.state.in_(WITH_AGENCY))
    return exists().where(InCharge.petition_id == Extract.petition_id, _in_charge(viewer))


def _has_matter(viewer: Viewer, scope: Scope = SHARING) -> ColumnElement[bool]:
    in_charge = exists().where(InCharge.petition_id == Matter.petition_id, _in_charge(viewer))
    return scope.where(viewer, {Reach.UNIT: lambda: in_charge})


def _in_charge(viewer: Viewer) -> ColumnElement[bool]:
    seat = _SEATS.get(viewer.role)
    return false() if seat is None else seat == viewer.unit


def due_for(viewer: Viewer) -> Select[Extract]:
    """What waits for a viewer: for an agency to be read or answered, for who issues a draft."""
    if viewer.role is Role.LIAISON:
        waiting = extracts_for(viewer, {}).where(Extract.state.in_(WITH_AGENCY[:2]))
        return waiting.order_by(Extract.answer_by, Extract.id)
    drafts = extracts_for(viewer, {"state": DRAFT})
    return drafts.order_by(Extract.list_key) if viewer.role in ISSUERS else drafts.where(false())
