"""The board's questions. Each goes through `counted`: what a viewer is excluded from or has no part in
is in no row, no count and no date (M8)."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, and_, case, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.reporting.board import rules
from services.reporting.board.models import BoardPetition as P
from services.reporting.board.rules import Light, State
from shared import clock
from shared.identity.recusal import not_excluded
from shared.identity.roles import SEES_ALL, Role, Viewer

# Each of these is one pass over all rows; what has few combinations is summed up from one.
PASSES: tuple[dict[str, InstrumentedAttribute[Any]], ...] = (
    {"by_township": P.township, "by_leader": P.leader, "by_content_class": P.content_class},
    {"by_month": P.month},
)
IN_CHARGE = {Role.LEADER: P.leader, Role.OFFICE: P.office, Role.TEAM: P.team}
FILTERS = ("township", "leader", "content_class", "month", "state")


def counted(viewer: Viewer) -> ColumnElement[bool]:
    """What a viewer may see: registered, not withdrawn, not excluded, and within the role's scope."""
    return and_(
        P.registered_on.is_not(None),
        P.withdrawn.is_(False),
        not_excluded(P.petition_id, viewer),
        _scope(viewer),
    )


def board(session: Session, viewer: Viewer) -> dict[str, Any]:
    """The counts and shares over all and by each group, as of now."""
    today = clock.today()
    totals: Counter[str] = Counter()
    found: dict[str, Any] = {"as_of": clock.now()}
    for columns in PASSES:
        totals = Counter()
        sums: dict[str, dict[str | None, Counter[str]]] = {name: {} for name in columns}
        for row in _combinations(session, viewer, columns, today):
            counts = Counter({name: row[name] for name in rules.COUNTS})
            totals.update(counts)
            for name in columns:
                sums[name].setdefault(row[name], Counter()).update(counts)
        found |= {name: _groups(by_code) for name, by_code in sums.items()}
    found["by_month"].reverse()  # the newest first
    return found | {"totals": rules.measures(totals)}


def petitions_for(viewer: Viewer, filters: dict[str, Any]) -> Select[P]:
    """The petitions behind the counts, by township, leader, class, month, state and light."""
    statement = select(P).where(counted(viewer))
    for name in FILTERS:
        if filters.get(name):
            statement = statement.where(getattr(P, name) == filters[name])
    if filters.get("light"):
        statement = statement.where(_has_light(filters["light"], clock.today()))
    return statement


def _scope(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.role in SEES_ALL:
        return true()
    if (column := IN_CHARGE.get(viewer.role)) is not None:
        return column == viewer.unit
    if viewer.role is Role.TOWNSHIP:
        # Before it is screened nobody knows whether it complains of the township's own commission.
        return and_(P.township == viewer.township, P.accepted_on.is_not(None))
    return false()


def _combinations(
    session: Session, viewer: Viewer, columns: dict[str, InstrumentedAttribute[Any]], today: date
) -> Sequence[RowMapping]:
    labelled = [column.label(name) for name, column in columns.items()]
    statement = select(*labelled, *_counts(today)).where(counted(viewer)).group_by(*columns.values())
    return session.execute(statement).mappings().all()


def _groups(by_code: dict[str | None, Counter[str]]) -> list[dict[str, Any]]:
    # By code, never by number: a high count is no blame. What has no code yet comes last.
    codes = sorted(by_code, key=lambda code: (code is None, code or ""))
    return [{"code": code, **rules.measures(by_code[code])} for code in codes]


def _counts(today: date) -> list[ColumnElement[Any]]:
    resolved = P.state == State.CLOSED
    conditions: dict[str, ColumnElement[bool]] = {
        "open": P.state.in_(rules.OPEN_STATES),
        "due_soon": _has_light(Light.DUE_SOON, today),
        "late": _has_light(Light.LATE, today),
        "repeated": P.reopened_round > 0,
        "resolved": resolved,
        "on_time": and_(resolved, P.was_late.is_(False)),
        "upheld": and_(resolved, P.outcome.in_(rules.UPHELD)),
        "rated": P.rating.is_not(None),
        "satisfied": P.rating == rules.SATISFIED,
    }
    return [
        func.count().label("registered"),
        *(func.count(case((condition, 1))).label(name) for name, condition in conditions.items()),
    ]


def _has_light(light: Light, today: date) -> ColumnElement[bool]:
    match light:
        case Light.LATE:
            return P.due_on < today
        case Light.DUE_SOON:
            return P.due_on.between(today, today + rules.DUE_SOON)
    return or_(P.due_on.is_(None), P.due_on > today + rules.DUE_SOON)
