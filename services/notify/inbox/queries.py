"""Reading an inbox: only its own unit's notices, and none of what that unit is excluded from (M8)."""

from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from services.notify.inbox.models import Arrival, Notice
from services.notify.inbox.rules import ARRIVALS, BY_DATE, RULES
from shared.errors import N_, NotFound
from shared.identity.recusal import Exclusion, not_excluded
from shared.identity.roles import Viewer


def shown() -> ColumnElement[bool]:
    """What may be shown to the unit of each notice, as recusal.not_excluded says it for one viewer.

    The count of a day's arrivals is shown while it counts any that the unit may know of.
    """
    hidden = exists().where(Exclusion.petition_id == Notice.petition_id, Exclusion.unit == Notice.unit)
    hidden_arrival = exists().where(
        Exclusion.petition_id == Arrival.petition_id, Exclusion.unit == Notice.unit
    )
    some = exists().where(Arrival.day == Notice.day, ~hidden_arrival)
    return and_(~hidden, or_(Notice.kind != ARRIVALS, some))


def inbox_of(viewer: Viewer) -> Select[Notice]:
    """The notices of the viewer's unit."""
    return select(Notice).where(Notice.unit == viewer.unit, shown())


def notice_of(session: Session, viewer: Viewer, notice_id: UUID) -> Notice:
    """One notice. Raises NotFound alike where there is none and where it is another unit's."""
    found = session.scalar(inbox_of(viewer).where(Notice.id == notice_id))
    if found is None:
        raise NotFound(N_("There is no such notice in your inbox."))
    return found


def unread_count(session: Session, viewer: Viewer) -> int:
    """How many notices of the viewer's unit are unread."""
    unread = inbox_of(viewer).where(Notice.read_at.is_(None)).subquery()
    return session.scalar(select(func.count()).select_from(unread)) or 0


def written(session: Session, notice: Notice, viewer: Viewer) -> dict[str, Any]:
    """A notice as it is shown, with its text in the reader's language."""
    params: dict[str, object] = {"reference": notice.reference}
    if notice.day is not None:
        params |= {"day": notice.day.isoformat(), "count": _arrivals(session, notice.day, viewer)}
    text = gettext(RULES[notice.kind].text) % params
    if notice.due_on is not None:
        text = f"{text} {gettext(BY_DATE) % {'due_on': notice.due_on.isoformat()}}"
    return {
        "id": notice.id,
        "kind": notice.kind,
        "text": text,
        "petition_id": notice.petition_id,
        "reference": notice.reference,
        "due_on": notice.due_on,
        "occurred_at": notice.occurred_at,
        "read_at": notice.read_at,
    }


def _arrivals(session: Session, day: date, viewer: Viewer) -> int:
    of_day = select(func.count()).select_from(Arrival).where(Arrival.day == day)
    return session.scalar(of_day.where(not_excluded(Arrival.petition_id, viewer))) or 0
