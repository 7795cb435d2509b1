"""What happens to a petition elsewhere: it becomes a matter that can be shared, or is shared no more."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.notify.network import commands
from services.notify.network.models import Matter
from shared.bus.handlers import Event, handles
from shared.contracts import assignment, intake
from shared.identity.recusal import excluded_units

BY = "timer"


@handles(
    intake.PetitionAcceptedV1,
    uses=("petition_id", "number", "category", "procedure", "township", "excluded", "received_on"),
)
def on_petition_accepted(event: Event, session: Session) -> None:
    matter = session.get(Matter, event["petition_id"], with_for_update=True)
    if matter is None:
        matter = Matter(petition_id=event["petition_id"], number=event["number"])
        session.add(matter)
    matter.category, matter.procedure = event["category"], event["procedure"]
    matter.township, matter.content_class = event["township"], event.get("content_class")
    matter.received_on = event["received_on"]
    session.flush()
    _keep_from_excluded(session, event["petition_id"])


@handles(assignment.CaseReroutedV1, uses=("petition_id", "excluded"))
def on_case_rerouted(event: Event, session: Session) -> None:
    _keep_from_excluded(session, event["petition_id"])


@handles(assignment.CaseClosedV1, uses=("petition_id", "outcome", "closed_at"))
def on_case_closed(event: Event, session: Session) -> None:
    matter = session.get(Matter, event["petition_id"], with_for_update=True)
    if matter and (matter.closed_at is None or matter.closed_at < event["closed_at"]):
        matter.outcome, matter.closed_at = event["outcome"], event["closed_at"]


@handles(intake.PetitionWithdrawnV1, uses=("petition_id",))
def on_petition_withdrawn(event: Event, session: Session) -> None:
    commands.recall_from(session, event["petition_id"], None, "withdrawn", BY)
    if matter := session.get(Matter, event["petition_id"]):
        session.delete(matter)


def _keep_from_excluded(session: Session, petition_id: UUID) -> None:
    """Whoever turns out to be complained of keeps nothing. The inbox's handlers noted who that is."""
    commands.recall_from(session, petition_id, excluded_units(session, petition_id), "recusal", BY)
