"""The head's reading list, the instructions on a petition and the delegations."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from services.intake.first_reading.models import Delegation, Instruction, Reading
from services.intake.first_reading.rules import check_reader, holds_on
from services.intake.registration.models import Petition
from services.intake.registration.queries import petition_for, the_one, unsealed
from shared import clock
from shared.errors import N_, NotFound
from shared.identity.roles import Role, Viewer


@dataclass(frozen=True)
class Reader:
    """The head, or a deputy on a delegation."""

    viewer: Viewer
    delegation_id: UUID | None


def reader_of(session: Session, viewer: Viewer) -> Reader:
    """The viewer as a reader. Raises Forbidden for anybody but the head or a deputy on delegation."""
    found = None if viewer.role is Role.HEAD else _delegation_in_force(session, viewer)
    check_reader(viewer, delegated=found is not None)
    return Reader(viewer, found.id if found else None)


def to_be_read(reader: Reader) -> Select[Petition]:
    """Every petition not yet read; `reading_key` is its order: by urgency, then by age."""
    return unsealed(reader.viewer).where(Petition.unread)


def petition_to_read(session: Session, reader: Reader, petition_id: UUID) -> Petition:
    """One petition for the reader, who reads all but what complains of their unit. Raises NotFound."""
    return the_one(session, unsealed(reader.viewer), petition_id)


def may_see(session: Session, viewer: Viewer, petition_id: UUID) -> Petition:
    """A petition that a viewer reads for the head or has in their scope. Raises NotFound for others."""
    if reads_for_head(session, viewer):
        return the_one(session, unsealed(viewer), petition_id)
    return petition_for(session, viewer, petition_id)


def reads_for_head(session: Session, viewer: Viewer) -> bool:
    """Whether a viewer is the head, or a deputy on a delegation in force."""
    if viewer.role is Role.LEADER:
        return _delegation_in_force(session, viewer) is not None
    return viewer.role is Role.HEAD


def count_to_read(session: Session, reader: Reader) -> int:
    """How many petitions wait for their first reading."""
    return session.scalar(select(func.count()).select_from(to_be_read(reader).subquery())) or 0


def next_to_read(session: Session, reader: Reader, after: str | None) -> Petition | None:
    """The first petition of the reading list after a place in it (a reading_key), or None at its end."""
    waiting = to_be_read(reader).order_by(Petition.reading_key).limit(1)
    return session.scalar(waiting.where(Petition.reading_key > after) if after else waiting)


def instructions_on(session: Session, petition_id: UUID) -> Sequence[Instruction]:
    """The signed instructions on a petition, the oldest first."""
    signed = select(Instruction).where(Instruction.petition_id == petition_id)
    return session.scalars(signed.order_by(Instruction.signed_at, Instruction.id)).all()


def reading_of(session: Session, petition_id: UUID) -> Reading | None:
    """The first reading of a petition, or None while it waits."""
    return session.get(Reading, petition_id)


def delegations(session: Session) -> Sequence[Delegation]:
    """All delegations that were ever given, the newest first."""
    return session.scalars(select(Delegation).order_by(Delegation.given_at.desc())).all()


def delegation(session: Session, delegation_id: UUID) -> Delegation:
    """One delegation. Raises NotFound."""
    found = session.get(Delegation, delegation_id)
    if found is None:
        raise NotFound(N_("There is no such delegation. Look it up in the list of delegations."))
    return found


def _delegation_in_force(session: Session, viewer: Viewer) -> Delegation | None:
    today = clock.today()
    given = select(Delegation).where(Delegation.deputy == viewer.post, Delegation.ends_on >= today)
    return next((d for d in session.scalars(given) if holds_on(d, today)), None)
