"""Reading the terms and the lights."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from services.supervision.terms.load import PETITION_OFFICE
from services.supervision.terms.models import DutyTerm, LightRule, Office
from services.supervision.terms.rules import version_on
from shared.contracts.supervision import DUTIES
from shared.db.once import once

_OF_DUTY = select(DutyTerm).where(DutyTerm.duty == bindparam("of"))
_LIGHTS = select(LightRule).order_by(LightRule.id)


def terms_of(session: Session, duty: str) -> Sequence[DutyTerm]:
    """All versions of all terms of a duty."""
    return once(session, f"terms of {duty}", lambda: session.scalars(_OF_DUTY, {"of": duty}).all())


def all_terms(session: Session) -> list[DutyTerm]:
    """Every version of every term, in the order of the duties."""
    found = session.scalars(select(DutyTerm)).all()
    return sorted(found, key=lambda term: (DUTIES.index(term.duty), term.code, term.effective_from))


def in_force(terms: Sequence[DutyTerm], day: date) -> list[DutyTerm]:
    """Of each term the version by which a clock that starts on a day runs."""
    versions: dict[str, list[DutyTerm]] = {}
    for term in sorted(terms, key=lambda term: term.effective_from):
        versions.setdefault(term.code, []).append(term)
    return [version_on(each, day) for each in versions.values()]


def lights(session: Session) -> Sequence[LightRule]:
    """When lights turn."""
    return once(session, "lights", lambda: session.scalars(_LIGHTS).all())


def petition_office(session: Session) -> str:
    """The unit that screens what the commission receives."""
    found = once(session, "petition office", lambda: session.get(Office, PETITION_OFFICE))
    return found.code if found else PETITION_OFFICE
