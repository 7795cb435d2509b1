"""What the desk asks for: few rows each, counted and sorted by what is due."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, exists, func, null, select
from sqlalchemy.orm import Session

from services.intake.progress.models import ProgressClock
from services.intake.registration.models import Petition
from services.intake.registration.queries import petitions_for
from services.intake.screening.rules import State
from services.intake.transfers.models import Transfer
from services.intake.transfers.queries import transfers_for
from services.intake.transfers.rules import TransferState
from shared.identity.roles import Role, Viewer

LINES = 8


@dataclass(frozen=True)
class ToScreen:
    """A petition to be decided on, and until when; None until supervision has said so."""

    petition: Petition
    due_on: date | None
    was_sent_back: bool


def to_screen(session: Session, viewer: Viewer) -> tuple[list[ToScreen], int]:
    """What the viewer has to screen, what is due first before the rest, and how many there are."""
    waiting = petitions_for(viewer, {"state": State.REGISTERED})
    if viewer.role is Role.TOWNSHIP:
        waiting = waiting.where(Petition.organ == "township")
    clock = and_(
        ProgressClock.petition_id == Petition.id,
        ProgressClock.duty == "decision",
        ProgressClock.stopped_on.is_(None),
    )
    sent_back = exists().where(Transfer.petition_id == Petition.id, Transfer.state == TransferState.RETURNED)
    # In two questions: the first is answered by an index in the order of the last days, however many wait.
    due_first = (
        waiting.join(ProgressClock, clock)
        .add_columns(ProgressClock.due_on, sent_back)
        .order_by(ProgressClock.due_on, Petition.register_key.desc())
    )
    rows = list(session.execute(due_first.limit(LINES)))
    if len(rows) < LINES:
        newest_first = (
            waiting.where(~exists().where(clock))
            .add_columns(null(), sent_back)
            .order_by(Petition.register_key.desc())
        )
        rows += session.execute(newest_first.limit(LINES - len(rows)))
    count = session.scalar(select(func.count()).select_from(waiting.subquery())) or 0
    return [ToScreen(*row) for row in rows], count


def to_sign(session: Session, viewer: Viewer) -> tuple[list[Transfer], int]:
    """The transfers that wait for the agency's answer, the oldest first, and how many there are."""
    waiting = transfers_for(viewer, TransferState.WAITING)
    first = session.scalars(waiting.order_by(Transfer.transferred_at).limit(LINES)).all()
    count = session.scalar(select(func.count()).select_from(waiting.subquery())) or 0
    return list(first), count


def accepted_here(session: Session, viewer: Viewer) -> list[Petition]:
    """The accepted petitions of a township, the newest first."""
    wanted = petitions_for(viewer, {"state": State.ACCEPTED})
    return list(session.scalars(wanted.order_by(Petition.register_key.desc()).limit(LINES)))


def own_registrations(session: Session, viewer: Viewer) -> list[Petition]:
    """What the viewer's post registered itself, the newest first."""
    wanted = petitions_for(viewer, {}).where(Petition.registered_by == viewer.post)
    return list(session.scalars(wanted.order_by(Petition.register_key.desc()).limit(LINES)))
