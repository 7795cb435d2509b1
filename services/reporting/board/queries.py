"""The board's questions. Each goes through `counted` or takes away what a viewer is excluded from: that
is in no row, no count and no date of theirs (M8)."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    and_,
    case,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from services.reporting.board import rules
from services.reporting.board.models import BoardCount as C
from services.reporting.board.models import BoardPetition as P
from services.reporting.board.rules import State
from shared import clock
from shared.identity.recusal import Exclusion, not_excluded
from shared.identity.roles import Role, Viewer
from shared.identity.scopes import BOARD, Reach

SEATS = {Role.LEADER: "leader", Role.OFFICE: "office", Role.TEAM: "team"}
KEYS = ("township", "leader", "content_class", "month")  # by which the board groups and is filtered
NO_CODE = "none"  # as a filter: what has no code yet
Filters = Mapping[str, Any]
Groups = dict[str | None, Counter[str]]


def counted(viewer: Viewer) -> ColumnElement[bool]:
    """What a viewer may see: registered, not withdrawn, not excluded, and within the role's scope."""
    return and_(_stands(), not_excluded(P.petition_id, viewer), _scope(P, viewer))


def board(session: Session, viewer: Viewer, filters: Filters) -> dict[str, Any]:
    """The counts and shares over all and by each group, as of now, of what the filters leave."""
    totals: Counter[str] = Counter(dict.fromkeys(rules.COUNTS, 0))
    tables: dict[str, Groups] = {name: {} for name in ("township", "leader", "content_class", "month")}
    over_time: dict[tuple[str | None, str], Counter[str]] = {}
    for row in session.execute(_sums(viewer, filters)).mappings():
        if not row["registered"]:
            continue  # all of it was taken away again
        counts = Counter({name: int(row[name]) for name in rules.COUNTS})
        if row["by"] != "over_time":
            tables[row["by"]][row["code"]] = counts
            continue
        totals.update(counts)
        over_time[row["code"], row["month"]] = counts
        for name, code in (("content_class", row["code"]), ("month", row["month"])):
            tables[name].setdefault(code, Counter()).update(counts)
    found = {f"by_{name}": _groups(groups) for name, groups in tables.items()}
    found["by_month"].reverse()  # the newest first
    return {
        "as_of": clock.now(),
        "totals": rules.measures(totals),
        **found,
        "over_time": [
            {"content_class": code, "month": month, **rules.measures(counts)}
            for (code, month), counts in sorted(
                over_time.items(), key=lambda each: (each[0][1], each[0][0] or "~")
            )
        ],
    }


def petitions_for(viewer: Viewer, filters: Filters) -> Select[P]:
    """The petitions behind the counts: `measure` names the count, `state` where they stand."""
    statement = select(P).where(counted(viewer), *_filtered(P, filters))
    if filters.get("state"):
        statement = statement.where(P.state == filters["state"])
    if filters.get("measure"):
        statement = statement.where(_conditions(clock.today())[filters["measure"]])
    return statement


def count_up_to(session: Session, statement: Select[P], most: int) -> int:
    """How many petitions a statement finds; counting stops at `most`."""
    some = statement.with_only_columns(literal(1)).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _sums(viewer: Viewer, filters: Filters) -> Select[Any]:
    """One statement, so that all tables are of one moment: rows of (by, code, month, counts)."""
    facts = _facts(viewer, filters)
    sums = [func.sum(facts.c[name]).label(name) for name in rules.COUNTS]
    no_month = null().label("month")
    parts = [
        select(literal(by).label("by"), facts.c[by].label("code"), no_month, *sums).group_by(facts.c[by])
        for by in ("township", "leader")
    ]
    pair = (facts.c.content_class, facts.c.month)
    parts.append(select(literal("over_time"), pair[0], pair[1], *sums).group_by(*pair))
    every = union_all(*parts).subquery()
    return select(every)


def _facts(viewer: Viewer, filters: Filters) -> CTE:
    """Counts by KEYS: the lasting as kept and the daily, less what the viewer is excluded from."""
    today = clock.today()
    conditions = _conditions(today)
    kept = select(*_keys(C), *(getattr(C, name) for name in rules.LASTING), *_zeros(rules.DAILY)).where(
        _scope(C, viewer), *_filtered(C, filters)
    )
    # Both start from few petitions: the excluded ones, and those whose last day is near or past.
    hidden = (
        select(*_keys(P), *(-_one(conditions[name], name) for name in (*rules.LASTING, *rules.DAILY)))
        .select_from(Exclusion)
        .join(P, P.petition_id == Exclusion.petition_id)
        .where(
            Exclusion.unit == viewer.unit, _stands(), _scope(P, viewer, seek=False), *_filtered(P, filters)
        )
    )
    daily = (
        select(*_keys(P), *_zeros(rules.LASTING), *(func.sum(_one(conditions[n], n)) for n in rules.DAILY))
        .where(
            P.due_on <= today + rules.DUE_SOON,
            _stands(),
            _scope(P, viewer, seek=False),
            *_filtered(P, filters),
        )
        .group_by(*_keys(P))
    )
    return union_all(kept, hidden, daily).cte("facts")


def _keys(table: type[C] | type[P]) -> list[Any]:
    return [getattr(table, name) for name in KEYS]


def _zeros(names: tuple[str, ...]) -> list[ColumnElement[Any]]:
    return [literal(0).label(name) for name in names]


def _one(condition: ColumnElement[bool], name: str) -> ColumnElement[int]:
    return case((condition, 1), else_=0).label(name)


def _stands() -> ColumnElement[bool]:
    return and_(P.registered_on.is_not(None), P.withdrawn.is_(False))


def _scope(table: type[C] | type[P], viewer: Viewer, *, seek: bool = True) -> ColumnElement[bool]:
    """The viewer's part; `seek` is false where other conditions leave fewer rows than this one's index."""

    def column(name: str) -> ColumnElement[Any]:
        found = getattr(table, name)
        return found if seek else func.coalesce(found, "")

    def in_township() -> ColumnElement[bool]:
        # Before it is screened nobody knows whether it complains of the township's own commission.
        accepted = C.accepted.is_(True) if table is C else P.accepted_on.is_not(None)
        return and_(column("township") == viewer.township, accepted)

    return BOARD.where(
        viewer,
        {Reach.UNIT: lambda: column(SEATS[viewer.role]) == viewer.unit, Reach.TOWNSHIP: in_township},
    )


def _filtered(table: type[C] | type[P], filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for name in ("township", "leader", "content_class"):
        column = getattr(table, name)
        if code := filters.get(name):
            found.append(column.is_(None) if code == NO_CODE else column == code)
    if filters.get("since"):
        found.append(table.month >= filters["since"])
    if filters.get("until"):
        found.append(table.month <= filters["until"])
    return found


def _conditions(today: date) -> dict[str, ColumnElement[bool]]:
    """When a petition is in a count: the lasting ones as `rules.lasting` has them."""
    resolved = P.state == State.CLOSED
    return {
        "registered": true(),
        "open": P.state.in_(rules.OPEN_STATES),
        "running": P.due_on.is_not(None),
        "repeated": P.reopened_round > 0,
        "resolved": resolved,
        "on_time": and_(resolved, P.was_late.is_(False)),
        "upheld": and_(resolved, P.outcome.in_(rules.UPHELD)),
        "rated": P.rating.is_not(None),
        "satisfied": P.rating == rules.SATISFIED,
        "due_soon": P.due_on.between(today, today + rules.DUE_SOON),
        "late": P.due_on < today,
    }


def _groups(by_code: Groups) -> list[dict[str, Any]]:
    # By code, never by number: a high count is no blame. What has no code yet comes last.
    codes = sorted(by_code, key=lambda code: (code is None, code or ""))
    return [{"code": code, **rules.measures(by_code[code])} for code in codes]
