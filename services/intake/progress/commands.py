"""Writing the projection: whatever order and however often the events come, it ends the same."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from services.intake.progress.models import Progress, ProgressClock, ProgressStep
from services.intake.registration.models import Petition
from services.intake.screening.rules import State
from shared.db.hold import hold


def progress_of(session: Session, petition_id: UUID) -> Progress | None:
    """The row to write to; None for a petition of another intake and for one that was sealed away."""
    with session.no_autoflush:  # a handler changes no petition: what waits to be written may wait on
        petition = session.get(Petition, petition_id)
    if petition is None or petition.state == State.SEALED:
        return None
    return hold(session, Progress, petition_id, lambda: _nothing_yet(petition_id))


def _nothing_yet(petition_id: UUID) -> Progress:
    return Progress(petition_id=petition_id, round=1, plan_version=0, closed_round=0, replied_round=0)


def put_in_charge(found: Progress, leader: str, office: str, team: str, since: datetime) -> None:
    """Note who is in charge since a moment, unless something newer is known."""
    if found.in_charge_since is None or since >= found.in_charge_since:
        found.leader, found.office, found.team, found.in_charge_since = leader, office, team, since


def note_step(
    session: Session, petition_id: UUID, kind: str, mark: object, *, on: date, at: datetime
) -> None:
    """Add a line to the history, once."""
    key = (petition_id, kind, str(mark))
    if session.get(ProgressStep, key) is None:
        session.add(ProgressStep(petition_id=petition_id, kind=kind, mark=str(mark), on=on, at=at))
        session.flush()


def forget(session: Session, petition_id: UUID) -> None:
    """Drop everything that is known of a petition's progress."""
    for table in (ProgressStep, ProgressClock, Progress):
        session.execute(delete(table).where(table.petition_id == petition_id))
