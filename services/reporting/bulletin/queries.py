"""Reading bulletins, and what a new one is made of: only petitions that a recusal hides from nobody (M8)."""

import json
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, undefer

from services.reporting.board.models import BoardClock, BoardPetition
from services.reporting.bulletin.models import Bulletin
from services.reporting.bulletin.rules import month_before
from services.reporting.summary.models import Summary
from shared.errors import N_, NotFound
from shared.identity.recusal import Exclusion


def bulletins() -> Select[Bulletin]:
    """All bulletins, to be paged by their month."""
    return select(Bulletin)


def bulletin(session: Session, bulletin_id: UUID, *, with_file: bool = False) -> Bulletin:
    """One bulletin. Raises NotFound."""
    options = [undefer(Bulletin.contents), *([undefer(Bulletin.file)] if with_file else [])]
    found = session.get(Bulletin, bulletin_id, options=options)
    if found is None:
        raise NotFound(N_("There is no such bulletin. Look it up in the list of bulletins."))
    return found


def number_of(session: Session, month: str) -> str | None:
    """The number of a month's bulletin, or None where none was issued."""
    return session.scalar(select(Bulletin.number).where(Bulletin.month == month))


def months_to_issue(session: Session, today: date, count: int = 12) -> list[str]:
    """Of the last `count` months that are over, those without a bulletin, the newest first."""
    months = [f"{today:%Y-%m}"]
    while len(months) <= count:
        months.append(month_before(months[-1]))
    done = set(session.scalars(select(Bulletin.month).where(Bulletin.month.in_(months))))
    return [month for month in months[1:] if month not in done]


def public_figures(session: Session, months: Collection[str]) -> dict[str, dict[str, Any]]:
    """The figures that may leave the commission, of those of some months that have a summary."""
    wanted = select(Summary.month, Summary.public_document).where(Summary.month.in_(months))
    return {month: json.loads(document) for month, document in session.execute(wanted)}


def late_duties(session: Session, today: date) -> Sequence[tuple[str, str, int]]:
    """(unit, duty, how many) of what is late today."""
    late = (
        select(BoardClock.holder, BoardClock.duty, func.count())
        .where(_printable(), BoardClock.due_on < today)
        .group_by(BoardClock.holder, BoardClock.duty)
    )
    return [(unit, duty, count) for unit, duty, count in session.execute(late)]


def duties_ahead(session: Session, first: date, last: date) -> dict[str, int]:
    """How many of each duty have their last day in a stretch of days."""
    ahead = (
        select(BoardClock.duty, func.count().label("how_many"))
        .where(_printable(), BoardClock.due_on.between(first, last))
        .group_by(BoardClock.duty)
    )
    return {row.duty: row.how_many for row in session.execute(ahead)}


def _printable() -> ColumnElement[bool]:
    """Running duties on petitions that count and that no unit is kept out of."""
    hidden = select(Exclusion.petition_id)
    counted = select(BoardPetition.petition_id).where(
        BoardPetition.registered_on.is_not(None), BoardPetition.withdrawn.is_(False)
    )
    return and_(
        BoardClock.stopped_on.is_(None),
        BoardClock.petition_id.in_(counted),
        BoardClock.petition_id.not_in(hidden),
    )
