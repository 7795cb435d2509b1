"""Reading petitions, signing instructions, giving and revoking delegations."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from services.intake.first_reading.models import Delegation, Instruction, Reading
from services.intake.first_reading.queries import Reader
from services.intake.first_reading.rules import check_delegation, check_instruction, check_revocable
from services.intake.registration.models import Petition
from shared import clock
from shared.contracts.intake import InstructionSignedV1
from shared.county import County
from shared.db.outbox import record
from shared.errors import N_, Invalid, OutOfOrder
from shared.identity.recusal import excluded_units
from shared.identity.roles import Viewer


@dataclass(frozen=True)
class NewInstruction:
    """An instruction as it is to be signed. `amends`: the instruction that it takes the place of."""

    text: str
    addressee: str
    due_on: date | None = None
    amends: UUID | None = None


def mark_read(session: Session, petition: Petition, *, by: Reader) -> Reading:
    """Sign that the petition was read. Read before, the first reading stands."""
    found = session.get(Reading, petition.id)
    if found is None:
        found = Reading(
            petition_id=petition.id,
            read_by=by.viewer.post,
            delegation_id=by.delegation_id,
            read_at=clock.now(),
        )
        session.add(found)
        # Past the version: that the head reads it must not disturb whoever is screening it.
        session.execute(update(Petition).where(Petition.id == petition.id).values(unread=False))
        session.flush()
    return found


def sign_instruction(
    session: Session, petition: Petition, new: NewInstruction, *, by: Reader, county: County
) -> Instruction:
    """Sign an instruction, which marks the petition as read, and record `instruction.signed`.

    Raises Invalid naming the field, OutOfOrder where the amended one has been amended before.
    """
    check_instruction(
        new.addressee,
        new.due_on,
        units={unit.code: unit for unit in county.units},
        excluded=excluded_units(session, petition.id),
        today=clock.today(),
    )
    _check_amended(session, petition, new.amends)
    mark_read(session, petition, by=by)
    signed = Instruction(
        id=uuid4(),
        petition_id=petition.id,
        text=new.text,
        addressee=new.addressee,
        due_on=new.due_on,
        signed_by=by.viewer.post,
        delegation_id=by.delegation_id,
        amends=new.amends,
        signed_at=clock.now(),
    )
    session.add(signed)
    session.flush()
    _announce(session, petition, signed)
    return signed


def delegate(
    session: Session, deputy: str, starts_on: date, ends_on: date, *, by: Viewer, county: County
) -> Delegation:
    """Let a deputy read for the head from one day to another, both included. Raises Invalid."""
    stands_in = any(post.code == deputy and post.stands_in_for_head for post in county.posts)
    check_delegation(stands_in, starts_on, ends_on, clock.today())
    given = Delegation(
        id=uuid4(),
        deputy=deputy,
        starts_on=starts_on,
        ends_on=ends_on,
        given_by=by.post,
        given_at=clock.now(),
    )
    session.add(given)
    session.flush()
    return given


def revoke(delegation: Delegation) -> None:
    """End a delegation at once; what was signed on it stands. Raises OutOfOrder."""
    check_revocable(delegation, clock.today())
    delegation.revoked_at = clock.now()


def forget(session: Session, petition_id: UUID) -> None:
    """Remove what was signed on a petition that is sealed away."""
    session.execute(delete(Instruction).where(Instruction.petition_id == petition_id))
    session.execute(delete(Reading).where(Reading.petition_id == petition_id))


def _check_amended(session: Session, petition: Petition, amends: UUID | None) -> None:
    if amends is None:
        return
    amended = session.get(Instruction, amends)
    if amended is None or amended.petition_id != petition.id:
        raise Invalid(
            N_("There is no such instruction on this petition. Give the id of one of its instructions."),
            field="amends",
        )
    if session.scalar(select(Instruction.id).where(Instruction.amends == amends)):
        raise OutOfOrder(N_("This instruction was amended already: amend the newest one."))


def _announce(session: Session, petition: Petition, signed: Instruction) -> None:
    record(
        session,
        InstructionSignedV1,
        subject=petition.id,
        petition_id=petition.id,
        number=petition.number,
        instruction_id=signed.id,
        addressee=signed.addressee,
        due_on=signed.due_on,
        signed_by=signed.signed_by,
        on_delegation=signed.delegation_id is not None,
        amends=signed.amends,
        signed_at=signed.signed_at,
    )
