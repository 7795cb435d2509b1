"""Issuing a summary: counted once, numbered, frozen."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import uuid4

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.reporting.board.models import BoardPetition as P
from services.reporting.board.rules import OPEN_STATES
from services.reporting.summary import rules
from services.reporting.summary.models import Summary, SummaryEntry
from shared import clock
from shared.contracts.reporting import SummaryIssuedV1
from shared.db.numbers import next_numbers
from shared.db.outbox import record
from shared.errors import N_, OutOfOrder
from shared.identity.recusal import Exclusion
from shared.ledger.gather import note

SERIES = "TB"


def issue(session: Session, month: str, *, by: str) -> Summary:
    """Issue the summary of a month (2026-03) that is over, and record `summary.issued`.

    A month has one summary for good: what is corrected later shows in the next one. Raises Invalid for a
    month that is not over, OutOfOrder for a second issue.
    """
    today = clock.today()
    rules.check_month(month, today)
    if known := session.scalar(select(Summary.number).where(Summary.month == month)):
        raise OutOfOrder(
            N_("The summary of %(month)s was issued as %(number)s and stays as it is."),
            month=month,
            number=known,
        )
    entries = _entries(session, month)
    document = rules.canonical(rules.figures(entries))
    public = rules.canonical(rules.for_outside(rules.figures(_for_everybody(session, entries))))
    summary = Summary(
        id=uuid4(),
        number=next_numbers(session, SERIES, today.year)[0],
        month=month,
        issued_at=clock.now(),
        issued_by=by,
        document=document,
        sha256=rules.digest(document),
        public_document=public,
        public_sha256=rules.digest(public),
    )
    session.add(summary)
    session.flush()
    for entry in entries:
        entry.summary_id = summary.id
    session.add_all(entries)
    note(session, "document.issued", summary.number)
    record(
        session,
        SummaryIssuedV1,
        subject=summary.id,
        summary_id=summary.id,
        month=month,
        issued_at=summary.issued_at,
    )
    return summary


def _entries(session: Session, month: str) -> list[SummaryEntry]:
    """What the summary counts, each with the measures that count it."""
    today = clock.today()
    return [
        SummaryEntry(
            petition_id=petition.petition_id,
            township=petition.township,
            leader=petition.leader,
            content_class=petition.content_class,
            marks=marks,
        )
        for petition in _candidates(session, month)
        if (marks := rules.marks(petition, month, today))
    ]


def _for_everybody(session: Session, entries: list[SummaryEntry]) -> list[SummaryEntry]:
    """The entries of which nobody is kept out.

    What is printed is the same for all: a unit that a recusal keeps out of a petition would find it as
    the difference between the printed figures and its own (M8).
    """
    hidden = set(session.scalars(select(Exclusion.petition_id).distinct()))
    return [entry for entry in entries if entry.petition_id not in hidden]


def _candidates(session: Session, month: str) -> Sequence[Any]:
    """The counted petitions that something happened to in that month, or that are open or late now."""
    first = date.fromisoformat(f"{month}-01")
    last = first.replace(day=monthrange(first.year, first.month)[1])
    days = (P.registered_on, P.accepted_on, P.declined_on, P.transferred_on, P.closed_on)
    in_month = (day.between(first, last) for day in days)
    now = (P.state.in_(OPEN_STATES), P.due_on < clock.today())
    # Columns, not entities: there may be very many.
    read = select(*(getattr(P, name) for name in rules.READ))
    counted = read.where(P.registered_on.is_not(None), P.withdrawn.is_(False))
    return session.execute(counted.where(or_(*in_month, *now))).all()
