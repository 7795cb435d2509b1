"""What a query code opens: status, who is in charge, who read it, the dates that apply, the history."""

from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.first_reading.queries import reading_of
from services.intake.portal.correspondence import correspondence
from services.intake.portal.models import Rating
from services.intake.portal.rules import (
    DUTIES_SHOWN,
    may_show_outcome,
    next_step,
    ratable_round,
    status_of,
)
from services.intake.progress.models import Progress, ProgressClock, ProgressStep
from services.intake.registration.models import Petition
from services.intake.screening.queries import decisions_on
from services.intake.screening.rules import State, Step
from shared import clock
from shared.county import County, Post, Unit

# What the history calls the decisions of screening.
_KINDS = {
    Step.ACCEPT: "accepted",
    Step.DECLINE: "declined",
    Step.TRANSFER: "transferred",
    Step.SEND_BACK: "sent_back",
}


def standing(session: Session, petition: Petition, county: County) -> dict[str, Any]:
    """How a petition stands, for who holds its code: neither its text nor who brought it."""
    progress = session.get(Progress, petition.id)
    ratings = session.scalars(select(Rating).where(Rating.petition_id == petition.id)).all()
    ratable = ratable_round(progress)
    to_rate = None if any(rating.round == ratable for rating in ratings) else ratable
    status, dates = status_of(petition.state, progress), _dates(session, petition)
    return {
        "number": petition.number,
        "received_on": petition.received_on,
        "status": status,
        "in_charge": _in_charge(progress, county),
        "read_by": _read_by(session, petition, county),
        "dates": dates,
        "next": next_step(status, dates, progress.plan_due_on if progress else None, to_rate),
        "history": _history(session, petition),
        "outcome": progress.outcome if progress and may_show_outcome(petition.category) else None,
        "round": progress.round if progress else 1,
        "ratable_round": to_rate,
        **_answer(session, petition, county),
        **correspondence(session, petition, partial(_named, county=county)),
    }


def _in_charge(progress: Progress | None, county: County) -> list[dict[str, str]]:
    if progress is None:
        return []
    codes = (progress.leader, progress.office, progress.team)
    return [_named(code, county) for code in codes if code]


def _named(code: str, county: County) -> dict[str, str]:
    named: tuple[Post | Unit, ...] = county.units + county.posts
    for item in named:
        if item.code == code:
            return {"code": code, "name": item.name, "name_en": item.name_en}
    return {"code": code, "name": code, "name_en": code}  # of another county's list


def _read_by(session: Session, petition: Petition, county: County) -> list[dict[str, Any]]:
    reading = reading_of(session, petition.id)
    if reading is None:
        return []
    named = _named(reading.read_by, county)
    return [named | {"on": clock.local_date(reading.read_at)}]


def _dates(session: Session, petition: Petition) -> list[ProgressClock]:
    shown = select(ProgressClock).where(
        ProgressClock.petition_id == petition.id, ProgressClock.duty.in_(DUTIES_SHOWN)
    )
    return list(session.scalars(shown.order_by(ProgressClock.due_on, ProgressClock.duty)))


def _history(session: Session, petition: Petition) -> list[dict[str, Any]]:
    lines = [("registered", clock.local_date(petition.registered_at), petition.registered_at)]
    for decision in decisions_on(session, petition.id):
        lines.append((_KINDS[Step(decision.step)], clock.local_date(decision.at), decision.at))
    steps = session.scalars(select(ProgressStep).where(ProgressStep.petition_id == petition.id))
    lines += [(step.kind, step.on, step.at) for step in steps]
    lines.sort(key=lambda line: (line[1], line[2]))
    return [{"what": kind, "on": on} for kind, on, _at in lines]


def _answer(session: Session, petition: Petition, county: County) -> dict[str, Any]:
    """Why it was declined and where to go, or which agency has it now."""
    if petition.state not in (State.DECLINED, State.TRANSFERRED):
        return {}
    last = decisions_on(session, petition.id)[-1]
    if petition.state == State.TRANSFERRED and last.to_agency:
        return {"transferred_to": _named(last.to_agency, county)}
    return {"declined_because": last.reason, "where_to_go": last.note}
