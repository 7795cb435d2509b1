"""What the petitioner says at the end."""

from sqlalchemy.orm import Session

from services.assignment.cases.queries import by_petition
from services.assignment.cases.rules import State
from services.assignment.cases.withdrawal import is_withdrawn
from services.assignment.closing import commands
from services.assignment.closing.models import Rating
from shared.bus.handlers import Event, TryLater, handles
from shared.contracts.intake import PetitionRatedV1
from shared.errors import OutOfOrder


@handles(PetitionRatedV1, uses=("petition_id", "rating", "round", "rated_at"))
def on_petition_rated(event: Event, session: Session) -> None:
    """Keep the rating; who is dissatisfied with the round that was closed last is heard again."""
    key = (event["petition_id"], event["round"])
    if session.get(Rating, key) or is_withdrawn(session, event["petition_id"]):
        return
    session.add(Rating(petition_id=key[0], round=key[1], rating=event["rating"], rated_at=event["rated_at"]))
    case = by_petition(session, event["petition_id"])
    if event["rating"] != "dissatisfied" or case is None:
        return
    if case.state == State.CLOSED and case.round == event["round"]:
        try:
            commands.reopen_dissatisfied(session, case)
        except OutOfOrder as error:
            raise TryLater(str(error)) from error
