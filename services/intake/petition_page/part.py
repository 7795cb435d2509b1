"""What intake puts on a petition's page for one viewer: only what they may see, and steps possible now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import render_template
from sqlalchemy.orm import Session

from services.intake.attachments.queries import attachments_on
from services.intake.first_reading.pages import addressees
from services.intake.first_reading.queries import instructions_on, may_see, reading_of, reads_for_head
from services.intake.identities import queries as identities
from services.intake.identities import store
from services.intake.identities.api import SEES_ACCESSES
from services.intake.identities.rules import MAY_ERASE, MAY_OPEN, OPENS_FOR, needs_agreement
from services.intake.messages.queries import messages_on
from services.intake.messages.rules import READERS as MESSAGE_READERS
from services.intake.messages.rules import WRITERS
from services.intake.petition_page.timeline import timeline
from services.intake.petitioner_requests.queries import requests_for
from services.intake.petitioner_requests.rules import ANSWERS, Kind
from services.intake.petitioner_requests.rules import State as RequestState
from services.intake.portal.rules import status_of
from services.intake.progress.models import Progress
from services.intake.progress.queries import clocks_of
from services.intake.registration.codes import has_code
from services.intake.registration.models import Petition
from services.intake.registration.queries import is_in_scope
from services.intake.screening.rules import SCREENERS, State, check_screener
from services.intake.transfers.queries import transfers_on
from services.intake.transfers.rules import TransferState
from shared.contracts.intake import DECLINE_REASONS, PROCEDURES
from shared.errors import Forbidden
from shared.identity.recusal import excluded_units
from shared.identity.roles import Role, Viewer
from shared.runtime.service import PetitionPart
from shared.web.access import current_viewer
from shared.web.forms import Form
from shared.web.names import choices, county, labels
from shared.web.request import current_instance, current_session

MAY_ATTACH = (Role.CLERK, Role.TOWNSHIP)


@dataclass(frozen=True)
class Possible:
    """Which of intake's steps a viewer can take on a petition now."""

    screen: bool
    seal_away: bool
    read: bool
    open_identity: bool
    erase_identity: bool
    write: bool
    attach: bool
    issue_code: bool


def petition_part(petition_id: UUID, forms: Mapping[str, Form]) -> PetitionPart:
    """The summary and the steps; beside them the original and the timeline. Raises NotFound."""
    session, viewer = current_session(), current_viewer()
    petition = may_see(session, viewer, petition_id)
    possible = possible_now(session, petition, viewer)
    context = {"petition": petition, "forms": forms, "possible": possible, **now(session, petition, viewer)}
    main = render_template(
        "intake/petition/main.html",
        **context,
        **_choices(session, petition, viewer),
        **_correspondence(session, petition, viewer),
        reading=reading_of(session, petition_id),
        instructions=instructions_on(session, petition_id),
    )
    side = render_template(
        "intake/petition/side.html",
        **context,
        attachments=attachments_on(session, petition_id),
        has_scanner=current_instance().settings.scanner_url is not None,
        **_identity(session, petition, viewer),
        has_code=has_code(session, petition_id),
    )
    return PetitionPart(petition.number, main, side)


def now(session: Session, petition: Petition, viewer: Viewer) -> dict[str, Any]:
    """Where a petition stands and what happened so far; what other services do arrives in it by itself."""
    progress = session.get(Progress, petition.id)
    given = [t for t in transfers_on(session, petition.id) if t.state in ("waiting", "signed")]
    return {
        "progress": progress,
        "status": status_of(petition.state, progress),
        "clocks": clocks_of(session, petition.id),
        "transfer": given[-1] if given and petition.state == State.TRANSFERRED else None,
        "waiting": TransferState.WAITING,
        "entries": timeline(session, petition, viewer, county()),
    }


def possible_now(session: Session, petition: Petition, viewer: Viewer) -> Possible:
    """Which steps are possible now; the rules themselves decide again when a step is taken."""
    in_scope = is_in_scope(session, viewer, petition.id)  # a deputy on a delegation reads others', too
    is_clerk = viewer.role is Role.CLERK
    return Possible(
        screen=in_scope and petition.state == State.REGISTERED and _may_screen(session, petition, viewer),
        seal_away=is_clerk,
        read=reads_for_head(session, viewer),
        open_identity=in_scope and viewer.role in MAY_OPEN,
        erase_identity=in_scope and viewer.role in MAY_ERASE and store.has_key(session, petition.id),
        write=in_scope and viewer.role in WRITERS,
        attach=in_scope and viewer.role in MAY_ATTACH,
        issue_code=is_clerk,
    )


def _may_screen(session: Session, petition: Petition, viewer: Viewer) -> bool:
    if viewer.role not in SCREENERS:
        return False
    try:
        check_screener(viewer, petition.organ, excluded_units(session, petition.id))
    except Forbidden:
        return False
    return True


def _choices(session: Session, petition: Petition, viewer: Viewer) -> dict[str, Any]:
    """What the fields of the steps offer."""
    excluded = excluded_units(session, petition.id)
    units = [unit for unit in county().units if unit.kind != "head"]
    return {
        "categories": labels("category", ("accusation", "appeal", "suggestion")),
        "procedures": labels("procedure", PROCEDURES),
        "decline_reasons": labels("decline_reason", DECLINE_REASONS),
        "townships": choices(county().townships),
        "classes": choices(county().content_classes),
        "agencies": choices(u for u in units if u.kind == "agency" and u.code not in excluded),
        "units": choices(units),
        "excluded": sorted(excluded),
        "addressees": addressees(petition) if reads_for_head(session, viewer) else [],
    }


def _identity(session: Session, petition: Petition, viewer: Viewer) -> dict[str, Any]:
    """How the identity stands for a viewer: what may be opened, what waits for their agreement, the log."""
    return {
        "erased": identities.is_erased(session, petition.id),
        "needs_agreement": needs_agreement(petition.category, petition.complained_of),
        "asked": identities.last_request(session, petition.id, viewer.post),
        "opens_for": OPENS_FOR,
        "agreed": identities.good_request(session, petition.id, viewer.post),
        "to_decide": identities.waiting_on(session, petition.id, viewer),
        "accesses": store.accesses(session, petition.id) if viewer.role in SEES_ACCESSES else None,
    }


def _correspondence(session: Session, petition: Petition, viewer: Viewer) -> dict[str, Any]:
    """The messages in both directions, and the requests that wait for an answer."""
    requests = session.scalars(requests_for(viewer, county(), {"petition_id": petition.id})).all()
    return {
        "messages": messages_on(session, petition.id) if viewer.role in MESSAGE_READERS else None,
        "requests": [r for r in requests if r.state == RequestState.OPEN],
        "answerable": {kind.value for kind in Kind if viewer.role in ANSWERS[kind]},
    }
