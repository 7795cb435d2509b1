"""Reading the register: only what the viewer may see (recusal, a township its own)."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from services.intake.registration.models import Petition
from shared.errors import N_, NotFound
from shared.identity.recusal import not_excluded
from shared.identity.roles import Role, Viewer


def petitions_for(viewer: Viewer, filters: dict[str, Any]) -> Select[tuple[Petition]]:
    """The petitions that a viewer may see, by state and township where given."""
    statement = select(Petition).where(not_excluded(Petition.id, viewer))
    if viewer.role is Role.TOWNSHIP:
        statement = statement.where(Petition.township == viewer.township)
    for name in ("state", "township", "channel"):
        if filters.get(name):
            statement = statement.where(getattr(Petition, name) == filters[name])
    return statement


def petition_for(session: Session, viewer: Viewer, petition_id: UUID) -> Petition:
    """One petition. Raises NotFound alike where it does not exist and where it may not be seen."""
    found = session.scalar(petitions_for(viewer, {}).where(Petition.id == petition_id))
    if found is None:
        raise NotFound(N_("There is no such petition, or it is not yours to see."))
    return found
