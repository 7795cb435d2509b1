"""Giving a petition to another agency, and the agency's answer."""

from uuid import uuid4

from sqlalchemy import update
from sqlalchemy.orm import Session

from services.intake.registration.models import Petition
from services.intake.screening.commands import decide, exclude_complained_of
from services.intake.screening.rules import Step, check_competent, next_state
from services.intake.transfers.models import Transfer
from services.intake.transfers.rules import TransferState, check_waiting
from shared import clock
from shared.contracts.intake import PetitionTransferredV1, TransferReturnedV1, TransferSignedV1
from shared.county import County
from shared.db.outbox import record
from shared.identity.roles import Viewer


def transfer(
    session: Session,
    petition: Petition,
    to_agency: str,
    complained_of_units: tuple[str, ...],
    *,
    by: Viewer,
    county: County,
) -> Transfer:
    """Transfer a petition to the competent agency and record `petition.transferred`.

    条例 22, 30. Raises OutOfOrder, Forbidden, Invalid where the agency may not have it.
    """
    state = next_state(petition.state, Step.TRANSFER)
    excluded = exclude_complained_of(session, petition, complained_of_units, by=by, county=county)
    agency = next((unit for unit in county.units if unit.code == to_agency), None)
    agency = check_competent(agency, petition.complained_of, excluded)
    petition.state = state
    made = Transfer(
        id=uuid4(),
        petition_id=petition.id,
        to_agency=agency.code,
        state=TransferState.WAITING,
        transferred_at=clock.now(),
        transferred_by=by.post,
    )
    made.list_key = f"{petition.register_key}-{made.id.hex[:8]}"
    session.add(made)
    decide(session, petition, Step.TRANSFER, by, to_agency=agency.code)
    _announce(session, petition, made, excluded)
    return made


def sign(session: Session, found: Transfer, petition: Petition, *, by: Viewer) -> None:
    """The agency signs for a petition (条例 23). Raises OutOfOrder where it has answered already."""
    _answer(found, TransferState.SIGNED, by)
    record(
        session,
        TransferSignedV1,
        subject=petition.id,
        petition_id=petition.id,
        number=petition.number,
        transfer_id=found.id,
        agency=found.to_agency,
        signed_at=found.answered_at,
    )


def send_back(
    session: Session, found: Transfer, petition: Petition, reason: str, note: str, *, by: Viewer
) -> None:
    """The agency sends a petition back with its reasons (条例 23); it is to be screened again.

    Raises OutOfOrder where it has answered already.
    """
    _answer(found, TransferState.RETURNED, by)
    found.return_reason, found.return_note = reason, note
    petition.state = next_state(petition.state, Step.SEND_BACK)
    decide(session, petition, Step.SEND_BACK, by, reason=reason, note=note, to_agency=found.to_agency)
    record(
        session,
        TransferReturnedV1,
        subject=petition.id,
        petition_id=petition.id,
        number=petition.number,
        transfer_id=found.id,
        agency=found.to_agency,
        reason=reason,
        returned_at=found.answered_at,
    )


def end_transfers(session: Session, petition: Petition) -> None:
    """Take a petition back from every agency: it left by the sealed route."""
    session.execute(
        update(Transfer)
        .where(Transfer.petition_id == petition.id)
        .values(state=TransferState.ENDED, return_note=None, version=Transfer.version + 1)
    )


def _announce(session: Session, petition: Petition, made: Transfer, excluded: set[str]) -> None:
    record(
        session,
        PetitionTransferredV1,
        subject=petition.id,
        petition_id=petition.id,
        number=petition.number,
        transfer_id=made.id,
        to_agency=made.to_agency,
        excluded=sorted(excluded) or None,
        transferred_at=made.transferred_at,
    )


def _answer(found: Transfer, state: TransferState, by: Viewer) -> None:
    check_waiting(found.state)
    found.state, found.answered_at, found.answered_by = state, clock.now(), by.post
