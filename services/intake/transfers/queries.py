"""Reading the transfers: an agency its own, the commission's petition office, head and supervisors all."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from services.intake.registration.models import Petition
from services.intake.transfers.models import Transfer
from services.intake.transfers.rules import TransferState
from shared.errors import N_, NotFound
from shared.identity.recusal import not_excluded
from shared.identity.roles import Viewer
from shared.identity.scopes import TRANSFERS, Reach


def transfers_for(viewer: Viewer, state: str | None = None) -> Select[Transfer]:
    """The transfers that a viewer may see."""
    statement = select(Transfer).where(
        not_excluded(Transfer.petition_id, viewer),
        Transfer.state != TransferState.ENDED,
        TRANSFERS.where(viewer, {Reach.UNIT: lambda: Transfer.to_agency == viewer.unit}),
    )
    return statement.where(Transfer.state == state) if state else statement


def transfer_for(session: Session, viewer: Viewer, transfer_id: UUID) -> Transfer:
    """One transfer. Raises NotFound alike where it does not exist and where it may not be seen."""
    found = session.scalar(transfers_for(viewer).where(Transfer.id == transfer_id))
    if found is None:
        raise NotFound(N_("There is no such transfer, or it is not yours to see."))
    return found


def transfers_on(session: Session, petition_id: UUID) -> Sequence[Transfer]:
    """The transfers of a petition, the oldest first."""
    made = select(Transfer).where(Transfer.petition_id == petition_id)
    return session.scalars(made.order_by(Transfer.transferred_at)).all()


def with_petitions(session: Session, transfers: list[Transfer]) -> list[dict[str, Any]]:
    """Transfers with what a list shows of their petitions: no title, no text, no person."""
    ids = [t.petition_id for t in transfers]
    petitions = {p.id: p for p in session.scalars(select(Petition).where(Petition.id.in_(ids)))}
    return [_row(transfer, petitions[transfer.petition_id]) for transfer in transfers]


def with_matter(session: Session, found: Transfer) -> dict[str, Any]:
    """A transfer with the matter, while the agency has it; never with who brought it."""
    petition = session.get_one(Petition, found.petition_id)
    row = _row(found, petition)
    if found.state != TransferState.RETURNED:
        row |= {"title": petition.title, "text": petition.text, "place": petition.place}
    return row


def _row(found: Transfer, petition: Petition) -> dict[str, Any]:
    of_petition = ("number", "channel", "township", "content_class", "superior_assigned", "received_on")
    of_transfer = ("id", "to_agency", "state", "transferred_at", "answered_at", "return_reason", "version")
    row = {name: getattr(petition, name) for name in of_petition}
    return row | {name: getattr(found, name) for name in of_transfer}
