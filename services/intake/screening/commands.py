"""Screening: accept or decline a registered petition. Transferring is in transfers."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from services.intake.registration.models import Petition
from services.intake.registration.rules import fault_of_complained_of, faults_of_matter
from services.intake.screening.models import Screening
from services.intake.screening.rules import Step, check_screener, next_state, procedure_for
from shared import clock
from shared.contracts.intake import PetitionAcceptedV1, PetitionDeclinedV1
from shared.county import County
from shared.db.outbox import record
from shared.errors import N_, Invalid
from shared.identity.recusal import exclude, excluded_units
from shared.identity.roles import Viewer


@dataclass(frozen=True)
class Acceptance:
    """How a petition is accepted. None: as it was registered, or as is usual for the category."""

    category: str
    procedure: str | None = None
    township: str | None = None
    content_class: str | None = None
    superior_assigned: bool | None = None
    complained_of_units: tuple[str, ...] = ()


def accept(session: Session, petition: Petition, decision: Acceptance, *, by: Viewer, county: County) -> None:
    """Accept a petition and record `petition.accepted`; the units complained of are excluded from it.

    Raises OutOfOrder, Forbidden, Invalid naming the field.
    """
    state = next_state(petition.state, Step.ACCEPT)
    excluded = exclude_complained_of(session, petition, decision.complained_of_units, by=by, county=county)
    _fill(petition, decision, county)
    petition.state = state
    decide(session, petition, Step.ACCEPT, by, category=petition.category, procedure=petition.procedure)
    record(
        session,
        PetitionAcceptedV1,
        subject=petition.id,
        petition_id=petition.id,
        number=petition.number,
        category=petition.category,
        procedure=petition.procedure,
        organ=petition.organ,
        signature=petition.signature,
        township=petition.township,
        content_class=petition.content_class,
        excluded=sorted(excluded),
        superior_assigned=petition.superior_assigned,
        received_on=petition.received_on,
        accepted_at=clock.now(),
    )


def decline(session: Session, petition: Petition, reason: str, where_to_go: str, *, by: Viewer) -> None:
    """Decline a petition with a reason (code) and where to go instead (text, shown to the petitioner).

    Records `petition.declined`, which carries the reason only. Raises OutOfOrder, Forbidden.
    """
    state = next_state(petition.state, Step.DECLINE)
    check_screener(by, petition.organ, excluded_units(session, petition.id))
    petition.state = state
    decide(session, petition, Step.DECLINE, by, reason=reason, note=where_to_go)
    record(
        session,
        PetitionDeclinedV1,
        subject=petition.id,
        petition_id=petition.id,
        number=petition.number,
        reason=reason,
        declined_at=clock.now(),
    )


def exclude_complained_of(
    session: Session, petition: Petition, units: tuple[str, ...], *, by: Viewer, county: County
) -> set[str]:
    """Exclude the units complained of (M8), those known before with them; returns all of them.

    Raises Invalid for a unit that does not exist or is the head, Forbidden where `by` belongs to one.
    """
    if fault := fault_of_complained_of(units, county):
        raise Invalid(fault, field="complained_of_units")
    excluded = excluded_units(session, petition.id) | set(units)
    check_screener(by, petition.organ, excluded)
    exclude(session, petition.id, units)
    return excluded


def decide(session: Session, petition: Petition, step: Step, by: Viewer, **details: Any) -> None:
    """Keep a decision on file."""
    session.add(Screening(petition_id=petition.id, step=step, by=by.post, at=clock.now(), **details))


def _fill(petition: Petition, decision: Acceptance, county: County) -> None:
    township = decision.township or petition.township
    if township is None:
        raise Invalid(N_("Choose the township: it decides which leader answers for it."), field="township")
    content_class = decision.content_class or petition.content_class
    for field, fault in faults_of_matter(township, content_class, county).items():
        raise Invalid(fault, field=field)
    petition.procedure = procedure_for(decision.category, petition.organ, decision.procedure)
    petition.category = decision.category
    petition.township, petition.content_class = township, content_class
    if decision.superior_assigned is not None:
        petition.superior_assigned = decision.superior_assigned
        petition.place_in_lists()
