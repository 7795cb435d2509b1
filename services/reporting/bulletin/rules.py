"""What a bulletin says, from figures that are fit to leave the commission (M26), as plain data.

Measures are of service and townships stand in the order of their codes, so that silence is never rewarded.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from services.reporting.board.rules import share
from services.reporting.summary.rules import SMALLEST
from shared.contracts.supervision import DUTIES

Figures = Mapping[str, Any]
LEADERS = "leader"  # the kind of unit, and what stands for all of them
# The measures that are compared with other months; the shares after their parts.
COMPARED = (
    "registered",
    "accepted",
    "transferred",
    "resolved",
    "on_time_share",
    "upheld_share",
    "satisfied_share",
    "open",
    "late",
    "repeated",
)
SHARES = {
    "on_time_share": ("on_time", "resolved"),
    "upheld_share": ("upheld", "resolved"),
    "satisfied_share": ("satisfied", "rated"),
}


def month_before(month: str) -> str:
    """2026-02 for 2026-03."""
    year, number = map(int, month.split("-"))
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02d}"


def year_before(month: str) -> str:
    """2025-03 for 2026-03."""
    return f"{int(month[:4]) - 1}{month[4:]}"


def with_shares(counts: Figures) -> dict[str, Any]:
    """Counts with their shares in per cent; None where a part of it is not shown or there is nothing."""
    shares = {
        name: None if counts[part] is None or counts[whole] is None else share(counts[part], counts[whole])
        for name, (part, whole) in SHARES.items()
    }
    return {**counts, **shares}


def comparison(now: Figures, before: Figures | None, last_year: Figures | None) -> list[dict[str, Any]]:
    """Each measure of the month beside the month before and the same month last year, where there are any."""
    return [
        {
            "measure": name,
            "now": now[name],
            "before": before[name] if before else None,
            "change": change(name, now[name], before[name] if before else None),
            "last_year": last_year[name] if last_year else None,
            "year_change": change(name, now[name], last_year[name] if last_year else None),
        }
        for name in COMPARED
    ]


def change(measure: str, now: float | None, then: float | None) -> float | None:
    """The change in per cent, of a share in points; None where it cannot be said."""
    if now is None or then is None:
        return None
    if measure in SHARES:
        return round(now - then, 1)
    return round(100 * (now - then) / then, 1) if then else None


def by_duty(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Duties in their usual order with how many there are; None where they are fewer than 5."""
    return [
        {"duty": duty, "count": counts[duty] if counts[duty] >= SMALLEST else None}
        for duty in DUTIES
        if counts.get(duty)
    ]


def late_by_unit(late: Iterable[tuple[str, str, int]], kinds: Mapping[str, str]) -> list[dict[str, Any]]:
    """(unit, duty, how many) -> units in the order of the county, each with its late duties.

    kinds: of the county's units, in its order. Leaders are one line: what a single one did stays inside.
    """
    found: dict[str, Counter[str]] = {}
    for unit, duty, count in late:
        named = LEADERS if kinds.get(unit) == LEADERS else unit
        found.setdefault(named, Counter())[duty] += count
    order = [LEADERS, *kinds]
    units = sorted(found, key=lambda unit: (order.index(unit) if unit in order else len(order), unit))
    return [{"unit": unit, "duties": by_duty(found[unit])} for unit in units]


def contents(
    month: str,
    counted_on: date,
    issued_on: date,
    figures: Mapping[str, Figures],
    late: list[dict[str, Any]],
    ahead: list[dict[str, Any]],
) -> dict[str, Any]:
    """All that a bulletin says.

    counted_on: when its month was summed up. figures: of summaries as they leave the commission, by month.
    """
    totals = {name: with_shares(each["totals"]) for name, each in figures.items()}
    groups = [with_shares(group) for group in figures[month]["by_township"] if group["code"]]
    return {
        "month": month,
        "counted_on": counted_on.isoformat(),
        "issued_on": issued_on.isoformat(),
        "totals": totals[month],
        "comparison": comparison(
            totals[month], totals.get(month_before(month)), totals.get(year_before(month))
        ),
        "townships": groups,
        "late": late,
        "ahead": ahead,
    }
