"""Adding to the handling record."""

from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.assignment.cases.commands import identification
from services.assignment.cases.models import Case
from services.assignment.cases.rules import Step
from services.assignment.cases.steps import take_step
from services.assignment.handling import queries
from services.assignment.handling.models import HandlingEntry
from services.assignment.handling.rules import NewEntry, check_entry
from shared import clock
from shared.contracts.assignment import HandlingRecordedV1
from shared.db.outbox import record
from shared.errors import N_, Invalid
from shared.identity.roles import Viewer


def record_handling(session: Session, case_id: UUID, new: NewEntry, *, by: Viewer, version: int) -> Case:
    """Add an entry, or a correction of one, and record `handling.recorded`."""
    case = take_step(session, case_id, Step.RECORD, by=by, version=version, kind=new.kind)
    check_entry(new, received_on=case.received_on, today=clock.today())
    _check_corrected(session, case, new.corrects)
    entry = HandlingEntry(
        id=uuid4(),
        case_id=case.id,
        place=queries.last_place(session, case) + 1,
        round=case.round,
        kind=new.kind,
        occurred_on=new.occurred_on,
        text=new.text,
        corrects=new.corrects,
        by=by.post,
        unit=by.unit,
        recorded_at=clock.now(),
    )
    session.add(entry)
    record(
        session,
        HandlingRecordedV1,
        subject=case.id,
        **identification(case),
        entry_id=entry.id,
        kind=entry.kind,
        occurred_on=entry.occurred_on,
    )
    session.flush()
    return case


def _check_corrected(session: Session, case: Case, corrects: UUID | None) -> None:
    corrected = session.get(HandlingEntry, corrects) if corrects else None
    if corrects and (corrected is None or corrected.case_id != case.id):
        raise Invalid(
            N_("There is no such entry in this case. Give the id of one in its handling record."),
            field="corrects",
        )
