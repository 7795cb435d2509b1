"""Opening a case by the roster, recusal, and hand-over with a receipt."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlalchemy.orm import Session

from services.assignment.cases import queries
from services.assignment.cases.models import Case, CaseHistory, HandOver, Recusal
from services.assignment.cases.rules import ROUTED, Seat, State, Step, check_reroute, choose
from services.assignment.cases.steps import move, take_step
from services.assignment.closing.queries import handled_before
from services.assignment.duties.queries import due_next
from services.assignment.duties.rules import due_key
from services.assignment.roster.models import RosterEntry
from services.assignment.roster.queries import entry_on
from shared import clock
from shared.contracts.assignment import CaseOpenedV1, CaseReroutedV1
from shared.db.outbox import record
from shared.errors import N_, NotFound
from shared.identity.recusal import exclude, excluded_units
from shared.identity.roles import Viewer

HAND_OVERS_AT_ONCE = 50


@dataclass(frozen=True)
class Accepted:
    """What is known of a petition when it is accepted."""

    petition_id: UUID
    number: str
    category: str
    procedure: str
    organ: str
    signature: str
    township: str
    content_class: str | None
    superior_assigned: bool
    received_on: date
    accepted_at: datetime


@dataclass(frozen=True)
class Route:
    """Who takes a case, and by which line of the roster."""

    entry: RosterEntry
    seats: dict[Seat, str]


def open_case(session: Session, petition: Accepted) -> Case:
    """Open the case by the roster on the day of acceptance and record `case.opened`.

    Raises NotFound where the township is on no roster, OutOfOrder where recusal leaves nobody.
    """
    accepted_on = clock.local_date(petition.accepted_at)
    barred = excluded_units(session, petition.petition_id)
    found = route(session, petition.township, accepted_on, barred, current={})
    due = due_next(session, petition.petition_id)
    case = Case(
        id=uuid4(),
        **vars(petition),
        state=State.OPEN,
        round=1,
        round_started_on=accepted_on,
        opened_at=clock.now(),
        entry_id=found.entry.id,
        next_duty=due.duty if due else None,
        next_due_on=due.on if due else None,
        due_key=due_key(due, petition.number, superior_assigned=petition.superior_assigned),
        **{seat.value: unit for seat, unit in found.seats.items()},
    )
    session.add(case)
    session.flush()
    by_roster = all(getattr(found.entry, seat) == unit for seat, unit in found.seats.items())
    session.add(
        CaseHistory(case_id=case.id, at=case.opened_at, what="opened", detail={"by_roster": by_roster})
    )
    _announce_opened(session, case)
    return case


def route(session: Session, township: str, day: date, barred: set[str], *, current: dict[Seat, str]) -> Route:
    """Who takes the seats in a case on a day, past those who are barred (M8)."""
    entry = entry_on(session, township, day)
    if entry is None:
        raise NotFound(N_("The township is not on the roster. Put it there first."))
    seats: dict[Seat, str | None] = {}
    for seat in ROUTED:
        wanted: str = getattr(entry, seat.value)
        if wanted in barred:
            others = queries.candidates(session, seat, township, day)
            seats[seat] = choose(wanted, current.get(seat), barred, others)
        else:
            seats[seat] = wanted
    return Route(entry, check_reroute(seats))


def recuse(session: Session, case_id: UUID, *, by: Viewer, version: int, reason: str) -> None:
    """A handler recuses their unit (条例 28 ¶3): it sees the case no more, and others take its seats."""
    case = take_step(session, case_id, Step.RECUSE, by=by, version=version, unit=by.unit)
    session.add(Recusal(case_id=case.id, unit=by.unit, by=by.post, reason=reason, at=clock.now()))
    exclude_from(session, case, {by.unit}, by=by.post)


def exclude_from(session: Session, case: Case, units: set[str], *, by: str | None) -> None:
    """Exclude units from a case that is open already and give their seats to others.

    Where they held a seat or stand in the plan, the plan is to be fixed anew.
    """
    exclude(session, case.petition_id, units)
    before = queries.seats_of(case)
    found = route_again(session, case)
    in_plan = {member.unit for member in queries.members_of(session, case)}
    take_seats(case, found)
    if case.state != State.CLOSED and (found.seats != before or units & in_plan):
        move(session, case, Step.NEW_SEATS, by=by)
        case.plan_version = None
    _rerouted(session, case, before, "recusal")


def is_hand_over_due(session: Session) -> bool:
    """Whether a change of the roster took effect that leaves a case with those before."""
    return bool(queries.waiting_for_hand_over(session, clock.today(), 1))


def hand_over_due(session: Session) -> int:
    """Hand over unfinished cases whose line of the roster has ended; returns how many were looked at."""
    waiting = queries.waiting_for_hand_over(session, clock.today(), HAND_OVERS_AT_ONCE)
    for case in waiting:
        before = queries.seats_of(case)
        found = route_again(session, case)
        take_seats(case, found)
        if found.seats != before:
            move(session, case, Step.HAND_OVER, by=None)
            _rerouted(session, case, before, "roster_change")
    session.flush()
    return len(waiting)


def sign_receipt(session: Session, case_id: UUID, *, by: Viewer, version: int) -> Case:
    """The leader or office that has the case now signs that they received it.

    Raises NotFound where no receipt is due.
    """
    case = take_step(session, case_id, Step.SIGN_RECEIPT, by=by, version=version)
    signed = session.execute(
        update(HandOver)
        .where(HandOver.case_id == case.id, HandOver.received_at.is_(None))
        .values(received_by=by.post, received_at=clock.now())
    )
    if not signed.rowcount:  # type: ignore[attr-defined]
        raise NotFound(N_("No receipt is due for this case: none was handed over, or it is signed."))
    session.flush()
    return case


def identification(case: Case) -> dict[str, object]:
    """The fields by which every event about a case names it."""
    return {"petition_id": case.petition_id, "number": case.number, "case_id": case.id}


def route_again(session: Session, case: Case) -> Route:
    """Who is to have a case today, past the excluded and those who handled an earlier round."""
    barred = excluded_units(session, case.petition_id) | handled_before(session, case).units
    return route(session, case.township, clock.today(), barred, current=queries.seats_of(case))


def take_seats(case: Case, found: Route) -> None:
    """Give a case to those who were found for it."""
    case.entry_id = found.entry.id
    for seat, unit in found.seats.items():
        setattr(case, seat.value, unit)


def _announce_opened(session: Session, case: Case) -> None:
    record(
        session,
        CaseOpenedV1,
        subject=case.id,
        **identification(case),
        **_seats(case),
        township=case.township,
        superior_assigned=case.superior_assigned,
        excluded=sorted(excluded_units(session, case.petition_id)) or None,
        opened_at=case.opened_at,
    )


def _seats(case: Case) -> dict[str, str]:
    return {seat.value: unit for seat, unit in queries.seats_of(case).items()}


def _rerouted(session: Session, case: Case, before: dict[Seat, str], reason: str) -> None:
    now = clock.now()
    if queries.seats_of(case) != before:
        was = {f"{seat.value}_before": unit for seat, unit in before.items()}
        session.add(HandOver(case_id=case.id, reason=reason, at=now, **was, **_seats(case)))
    record(
        session,
        CaseReroutedV1,
        subject=case.id,
        **identification(case),
        **_seats(case),
        reason=reason,
        excluded=sorted(excluded_units(session, case.petition_id)),
        rerouted_at=now,
    )
    session.flush()
