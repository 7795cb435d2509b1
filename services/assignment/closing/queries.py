"""Reading closings, replies and ratings, and who handled earlier rounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from services.assignment.cases.models import Case
from services.assignment.closing.models import Closing, Rating, Reply
from services.assignment.closing.rules import is_told
from services.assignment.handling.models import HandlingEntry
from services.assignment.plan.models import Plan, PlanMember
from shared import clock


@dataclass(frozen=True)
class Handlers:
    """Who handled the rounds before: posts, their units, and the offices that proposed to close."""

    posts: frozenset[str]
    units: frozenset[str]
    offices: frozenset[str]


def handled_before(session: Session, case: Case) -> Handlers:
    """Who handled the rounds before this one: by the record, the plans and the closings."""
    if case.round == 1:
        return Handlers(frozenset(), frozenset(), frozenset())
    entries = select(HandlingEntry.by, HandlingEntry.unit).where(
        HandlingEntry.case_id == case.id, HandlingEntry.round < case.round
    )
    members = (
        select(PlanMember.post, PlanMember.unit)
        .join(Plan, Plan.id == PlanMember.plan_id)
        .where(Plan.case_id == case.id, Plan.round < case.round)
    )
    proposers = select(Closing.by, Closing.unit).where(Closing.case_id == case.id, Closing.round < case.round)
    found = session.execute(union_all(entries, members, proposers)).all()
    offices = {unit for _, unit in session.execute(proposers)}
    return Handlers(
        posts=frozenset(post for post, _ in found),
        units=frozenset(unit for _, unit in found),
        offices=frozenset(offices),
    )


def closings_of(session: Session, case: Case) -> Sequence[Closing]:
    """All proposals with their checks, oldest first."""
    return session.scalars(select(Closing).where(Closing.case_id == case.id).order_by(Closing.proposal)).all()


def closed_on(session: Session, case: Case) -> dict[int, date]:
    """On which day each closed round was closed."""
    return {
        closing.round: clock.local_date(closing.closed_at)
        for closing in closings_of(session, case)
        if closing.closed_at
    }


def rounds_to_reply(session: Session, case: Case) -> list[int]:
    """The closed rounds whose result the petitioner has not been told, oldest first."""
    given: dict[int, set[str]] = {}
    for reply in replies_of(session, case):
        given.setdefault(reply.round, set()).add(reply.means)
    return [number for number in sorted(closed_on(session, case)) if not is_told(given.get(number, ()))]


def replies_of(session: Session, case: Case) -> Sequence[Reply]:
    """All replies, oldest first."""
    return session.scalars(select(Reply).where(Reply.case_id == case.id).order_by(Reply.id)).all()


def ratings_of(session: Session, case: Case) -> Sequence[Rating]:
    """The petitioner's ratings, by round."""
    own = select(Rating).where(Rating.petition_id == case.petition_id)
    return session.scalars(own.order_by(Rating.round)).all()
