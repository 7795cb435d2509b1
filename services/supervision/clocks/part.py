"""Supervision's part of a petition's page: every duty with its days, who held it, and what can be asked."""

from collections.abc import Mapping
from uuid import UUID

from flask import render_template
from sqlalchemy.orm import joinedload, selectinload

from services.supervision.clocks import queries, requests
from services.supervision.clocks.models import Clock
from services.supervision.clocks.rules import PENDING, knows_reasons
from services.supervision.terms.words import length_of, source_of
from shared.errors import N_, NotFound
from shared.identity.roles import Role
from shared.runtime.service import PetitionPart
from shared.web.access import current_viewer
from shared.web.forms import Form
from shared.web.request import current_session


def petition_part(petition_id: UUID, forms: Mapping[str, Form]) -> PetitionPart:
    """Raises NotFound where the viewer may see no clock of the petition, or there is none."""
    viewer = current_viewer()
    of_petition = queries.clocks_for(viewer, {"petition_id": petition_id})
    with_all = of_petition.options(joinedload(Clock.matter), selectinload(Clock.requests))
    clocks = current_session().scalars(with_all.order_by(Clock.list_key)).all()
    if not clocks:
        raise NotFound(N_("There is no such petition, or it is not yours to see."))
    html = render_template(
        "supervision/part.html",
        clocks=clocks,
        possible={each.id: requests.possible(each, viewer) for each in clocks},
        knows=lambda each: knows_reasons(viewer, each.holder),
        may_decide=lambda asked: viewer.role is Role.HEAD and asked.state == PENDING,
        may_tell=lambda asked: requests.may_tell(asked, viewer),
        proposed=requests.proposed_due_on,
        length_of=length_of,
        source_of=source_of,
        forms=forms,
    )
    return PetitionPart(number=clocks[0].number, main=html)
