"""Reading the register: only what the viewer may see (recusal, and the scope of their role)."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from services.intake.progress.models import Progress
from services.intake.registration.models import Petition
from services.intake.registration.search import matching
from services.intake.screening.rules import State
from shared.county import County
from shared.errors import N_, NotFound
from shared.identity.recusal import not_excluded
from shared.identity.roles import Role, Viewer
from shared.identity.scopes import PETITIONS, Reach
from shared.web.paging import page

IN_CHARGE = {Role.LEADER: Progress.leader, Role.OFFICE: Progress.office, Role.TEAM: Progress.team}


def petitions_for(viewer: Viewer, filters: dict[str, Any], county: County | None = None) -> Select[Petition]:
    """The petitions that a viewer may see, by state, township, channel, class and words (`q`) where given."""
    statement = unsealed(viewer).where(_scope(viewer))
    for name in ("state", "township", "channel", "content_class"):
        if filters.get(name):
            statement = statement.where(getattr(Petition, name) == filters[name])
    if county and filters.get("q"):
        statement = statement.where(matching(filters["q"], county))
    return statement


def register_page(
    session: Session, viewer: Viewer, arguments: dict[str, Any], county: County
) -> dict[str, Any]:
    """A page of the register: what a superior organ assigned first, then the newest number first.

    The keys of the page come from the index alone, so that a search reads no petition that it does not show.
    """
    key = Petition.register_key
    wanted = petitions_for(viewer, arguments, county).with_only_columns(key)
    if arguments.get("after"):
        wanted = wanted.where(key < arguments["after"])
    keys = wanted.order_by(key.desc()).limit(arguments["limit"] + 1)
    return page(session, select(Petition).where(key.in_(keys)), key, arguments, newest_first=True)


def petition_for(session: Session, viewer: Viewer, petition_id: UUID) -> Petition:
    """One petition. Raises NotFound alike where it does not exist and where it may not be seen."""
    return the_one(session, petitions_for(viewer, {}), petition_id)


def is_in_scope(session: Session, viewer: Viewer, petition_id: UUID) -> bool:
    """Whether a petition is one of those that a viewer may see by their role."""
    statement = petitions_for(viewer, {}).with_only_columns(Petition.id)
    return session.scalar(statement.where(Petition.id == petition_id)) is not None


def unsealed(viewer: Viewer) -> Select[Petition]:
    """All petitions but those that left by the sealed route or that complain of the viewer's unit."""
    return select(Petition).where(Petition.state != State.SEALED, not_excluded(Petition.id, viewer))


def the_one(session: Session, statement: Select[Petition], petition_id: UUID) -> Petition:
    """The petition of a query with this id. Raises NotFound."""
    found = session.scalar(statement.where(Petition.id == petition_id))
    if found is None:
        raise NotFound(N_("There is no such petition, or it is not yours to see."))
    return found


def _scope(viewer: Viewer) -> ColumnElement[bool]:
    return PETITIONS.where(
        viewer,
        {
            Reach.UNIT: lambda: Petition.id.in_(
                select(Progress.petition_id).where(IN_CHARGE[viewer.role] == viewer.unit)
            ),
            # Before it is screened nobody knows whether it complains of the township's own commission.
            Reach.TOWNSHIP: lambda: and_(
                Petition.township == viewer.township, Petition.state == State.ACCEPTED
            ),
            Reach.POST: lambda: Petition.registered_by == viewer.post,
        },
    )
