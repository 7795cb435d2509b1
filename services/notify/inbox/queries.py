"""Reading an inbox: only its own unit's notices, and none of what that unit is excluded from (M8)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import format_date, format_decimal, gettext
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from services.notify.inbox.models import Arrival, Notice
from services.notify.inbox.rules import ARRIVALS, BY_DATE, RULES, UNREAD
from shared.errors import N_, NotFound
from shared.identity.recusal import Exclusion, not_excluded
from shared.identity.roles import Viewer
from shared.identity.scopes import NOTICES, Reach
from shared.web.names import month_name, township_name


def shown() -> ColumnElement[bool]:
    """What may be shown to the unit of each notice, as recusal.not_excluded says it for one viewer.

    The count of a day's arrivals is shown while it counts any that the unit may know of.
    """
    hidden = exists().where(Exclusion.petition_id == Notice.petition_id, Exclusion.unit == Notice.unit)
    # Two levels up: without `correlate` the notices would be joined anew, of every unit.
    hidden_arrival = (
        exists()
        .where(Exclusion.petition_id == Arrival.petition_id, Exclusion.unit == Notice.unit)
        .correlate(Arrival, Notice)
    )
    some = exists().where(Arrival.day == Notice.day, ~hidden_arrival)
    return and_(~hidden, or_(Notice.kind != ARRIVALS, some))


def inbox_of(viewer: Viewer) -> Select[Notice]:
    """The notices of the viewer's unit."""
    own = NOTICES.where(viewer, {Reach.UNIT: lambda: Notice.unit == viewer.unit})
    return select(Notice).where(own, shown())


def notice_of(session: Session, viewer: Viewer, notice_id: UUID) -> Notice:
    """One notice. Raises NotFound alike where there is none and where it is another unit's."""
    found = session.scalar(inbox_of(viewer).where(Notice.id == notice_id))
    if found is None:
        raise NotFound(N_("There is no such notice in your inbox."))
    return found


def unread_of(viewer: Viewer) -> Select[Notice]:
    """The unread notices of the viewer's unit. They are the last by their key: none before is looked at."""
    return inbox_of(viewer).where(Notice.list_key >= UNREAD, Notice.read_at.is_(None))


def unread_count(session: Session, viewer: Viewer) -> int:
    """How many notices of the viewer's unit are unread."""
    unread = unread_of(viewer).subquery()
    return session.scalar(select(func.count()).select_from(unread)) or 0


def written(session: Session, notices: Sequence[Notice], viewer: Viewer) -> list[dict[str, Any]]:
    """Notices as they are shown, with their text in the reader's language."""
    arrived = _arrivals(session, {notice.day for notice in notices if notice.day}, viewer)
    return [_written(notice, arrived) for notice in notices]


def _written(notice: Notice, arrived: Mapping[date, int]) -> dict[str, Any]:
    params: dict[str, object] = {"reference": _reference(notice)}
    if notice.day is not None:
        count = format_decimal(arrived.get(notice.day, 0))
        params |= {"day": format_date(notice.day, "medium"), "count": count}
    text = gettext(RULES[notice.kind].text) % params
    if notice.due_on is not None:
        text = gettext(BY_DATE) % {"text": text, "due_on": format_date(notice.due_on, "medium")}
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


def _reference(notice: Notice) -> str | None:
    """What the notice is about, as the reader's language writes it."""
    if notice.kind == "roster.changed":
        return township_name(notice.reference)
    if notice.kind == "summary.issued":
        return month_name(notice.reference)
    return notice.reference


def _arrivals(session: Session, days: Collection[date], viewer: Viewer) -> dict[date, int]:
    """How many petitions arrived on each of these days that the viewer may know of."""
    if not days:
        return {}
    of_days = select(Arrival.day, func.count()).where(
        Arrival.day.in_(days), not_excluded(Arrival.petition_id, viewer)
    )
    return dict(session.execute(of_days.group_by(Arrival.day)).all())
