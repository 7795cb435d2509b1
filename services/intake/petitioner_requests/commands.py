"""Making a request by the query code, and answering it."""

from uuid import UUID, uuid4

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from services.intake.petitioner_requests import queries
from services.intake.petitioner_requests.models import PetitionerRequest
from services.intake.petitioner_requests.rules import (
    Kind,
    State,
    answer_due,
    check_answer,
    check_asked,
    check_possible,
)
from services.intake.progress.models import Progress
from services.intake.registration.models import Petition
from shared import clock
from shared.contracts.intake import RequestMadeV1
from shared.db.outbox import record
from shared.identity.roles import Viewer


def make(session: Session, petition: Petition, kind: Kind, text: str) -> PetitionerRequest:
    """Keep what a petitioner asks for and record `request.made`; of retaliation nothing is recorded.

    A consent is withdrawn at once. Raises OutOfOrder.
    """
    replied_on = queries.replied_on(session, session.get(Progress, petition.id))
    check_possible(kind, queries.possible_now(session, petition), petition.procedure, replied_on)
    check_asked(kind, queries.open_on(session, petition.id, kind))
    id_, now = uuid4(), clock.now()
    made = PetitionerRequest(
        id=id_,
        list_key=f"{now:%Y%m%d%H%M%S%f}-{id_}",
        petition_id=petition.id,
        kind=kind,
        text=text,
        state=State.OPEN,
        made_at=now,
        due_on=answer_due(kind, clock.today()),
    )
    session.add(made)
    if kind is Kind.WITHDRAW_CONSENT:
        _withdraw_consent(session, petition, made)
    session.flush()
    if kind is not Kind.RETALIATION:
        _announce(session, petition, made)
    return made


def answer(found: PetitionerRequest, text: str, *, by: Viewer) -> None:
    """Answer a request; the petitioner finds it by the code. Raises OutOfOrder, Forbidden."""
    check_answer(Kind(found.kind), found.state, by.role)
    found.state, found.answer = State.ANSWERED, text
    found.answered_by, found.answered_at = by.post, clock.now()


def forget(session: Session, petition_id: UUID) -> None:
    """Remove the requests on a petition that is sealed away."""
    session.execute(delete(PetitionerRequest).where(PetitionerRequest.petition_id == petition_id))


def _withdraw_consent(session: Session, petition: Petition, made: PetitionerRequest) -> None:
    made.state, made.answered_at = State.ANSWERED, made.made_at
    # Past the version: whoever is working on the petition is not to be disturbed by it.
    session.execute(update(Petition).where(Petition.id == petition.id).values(publicity_consent=False))


def _announce(session: Session, petition: Petition, made: PetitionerRequest) -> None:
    record(
        session,
        RequestMadeV1,
        subject=petition.id,
        petition_id=petition.id,
        number=petition.number,
        request_id=made.id,
        kind=made.kind,
        made_at=made.made_at,
    )
