"""The board's charts as plain data for the drawing script; each number also stands in a table."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _

from services.reporting.board import rules, words
from services.reporting.board.links import behind

A_YEAR = 12  # months
Group = dict[str, Any]
Part = tuple[str, str, str, Callable[[Group], int]]  # count that it leads to, name, tone, its number


def leaders(board: dict[str, Any], chosen: Mapping[str, str]) -> dict[str, Any]:
    """What runs with each leader, by how near its last day is."""
    groups = board["by_leader"]
    parts: list[Part] = [
        ("late", words.measure_name("late"), "bad", lambda g: g["late"]),
        ("due_soon", words.measure_name("due_soon"), "warn", lambda g: g["due_soon"]),
        ("running", _("Due later"), "plain", lambda g: g["running"] - g["late"] - g["due_soon"]),
    ]
    names = [words.name_of("leader", group["code"]) for group in groups]
    links = [{"leader": group["code"]} for group in groups]
    return _stacked(groups, names, parts, links, chosen) | {"horizontal": True}


def months(board: dict[str, Any], chosen: Mapping[str, str]) -> dict[str, Any]:
    """What became of the petitions of each month of registration."""
    groups = recent(board, 2 * A_YEAR)
    parts: list[Part] = [
        ("resolved", words.measure_name("resolved"), "good", lambda g: g["resolved"]),
        ("open", words.measure_name("open"), "plain", lambda g: g["open"]),
        ("registered", _("Declined or passed on"), "quiet", _neither),
    ]
    names = [words.month_name(group["code"]) for group in groups]
    links = [{"since": group["code"], "until": group["code"]} for group in groups]
    return _stacked(groups, names, parts, links, chosen)


def service(board: dict[str, Any]) -> dict[str, Any]:
    """How well the petitions of each month of registration were served."""
    groups = recent(board, 2 * A_YEAR)
    shares = ("on_time_share", "satisfied_share")  # the share closed says only how old a month is
    return {
        "kind": "line",
        "unit": "%",
        "labels": [words.month_name(group["code"]) for group in groups],
        "series": [{"name": words.measure_name(n), "values": [group[n] for group in groups]} for n in shares],
    }


def _stacked(
    groups: Sequence[Group],
    names: list[str],
    parts: list[Part],
    links: Sequence[Mapping[str, str | None]],
    chosen: Mapping[str, str],
) -> dict[str, Any]:
    series = [
        {
            "name": name,
            "tone": tone,
            "values": [number(group) for group in groups],
            "href": [behind(chosen, measure, **link) for link in links],
        }
        for measure, name, tone, number in parts
    ]
    return {"kind": "stack", "labels": names, "series": series}


def _neither(group: Group) -> int:
    return int(group["registered"] - group["resolved"] - group["open"])


def recent(board: dict[str, Any], most: int) -> list[Group]:
    """The newest months that have petitions and those between, the newest last; empty ones count nothing."""
    groups = {group["code"]: group for group in board["by_month"]}
    nothing = rules.measures(dict.fromkeys(rules.COUNTS, 0))
    oldest, month = min(groups, default=""), max(groups, default="")
    found: list[Group] = []
    while groups and month >= oldest and len(found) < most:
        found.append(groups.get(month) or {"code": month, **nothing})
        before = date.fromisoformat(f"{month}-01") - timedelta(days=1)
        month = f"{before:%Y-%m}"
    return found[::-1]
