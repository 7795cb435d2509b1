"""The notices about extracts: to an agency that one is there, to those in charge that it was answered."""

from uuid import uuid4

from sqlalchemy.orm import Session

from services.notify.concerned.models import InCharge
from services.notify.inbox.commands import put_notice
from services.notify.network.models import Extract
from shared import clock


def tell_agency(session: Session, extract: Extract) -> None:
    """Tell the agency: the number of the petition is not its business, the last day is."""
    put_notice(
        session,
        unit=extract.agency,
        kind="extract.issued",
        event_id=str(uuid4()),
        petition_id=extract.petition_id,  # with which it disappears
        due_on=extract.answer_by,
        occurred_at=clock.now(),
    )


def tell_issuer(session: Session, extract: Extract) -> None:
    """Tell the leader and the office in charge that the agency answered."""
    charge = session.get(InCharge, extract.petition_id)
    units = {charge.leader, charge.office} if charge else set()
    for unit in sorted(filter(None, units)):
        put_notice(
            session,
            unit=unit,
            kind="extract.answered",
            event_id=str(uuid4()),
            petition_id=extract.petition_id,
            reference=extract.number,
            occurred_at=clock.now(),
        )
