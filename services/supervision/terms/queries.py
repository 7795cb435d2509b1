"""Reading the terms and the lights."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.supervision.terms.load import PETITION_OFFICE
from services.supervision.terms.models import DutyTerm, LightRule, Office
from services.supervision.terms.rules import version_on
from shared.contracts.supervision import DUTIES


def terms_of(session: Session, duty: str) -> Sequence[DutyTerm]:
    """All versions of all terms of a duty."""
    return session.scalars(select(DutyTerm).where(DutyTerm.duty == duty)).all()


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
    return session.scalars(select(LightRule).order_by(LightRule.id)).all()


def petition_office(session: Session) -> str:
    """The unit that screens what the commission receives."""
    found = session.get(Office, PETITION_OFFICE)
    return found.code if found else PETITION_OFFICE
