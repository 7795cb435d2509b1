"""What the board's pages show, made ready for the templates: figures, the map, shades and charts."""

from collections.abc import Iterable, Mapping
from functools import partial
from itertools import pairwise
from typing import Any

from flask import url_for
from flask_babel import format_decimal, format_percent

from services.reporting.board import charts, queries, schemas, words
from services.reporting.board.links import behind, behind_group
from services.reporting.board.rules import State
from shared.identity.roles import SEES_ALL
from shared.web.access import current_viewer
from shared.web.names import choices, county, labels

MAPPED = ("open", "due_soon", "late", "repeated", "resolved_share", "on_time_share", "satisfied_share")
COUNT_COLUMNS = ("registered", "open", "due_soon", "late", "repeated", "resolved")
SHARE_COLUMNS = ("resolved_share", "on_time_share", "late_share", "satisfied_share")
BOARD_FILTERS = tuple(schemas.BoardFilters._declared_fields)
LEVELS = 4  # shades of the map and the table of topics, beside none at all


def board_view(board: dict[str, Any], filters: queries.Filters, mapped: str | None) -> dict[str, Any]:
    """The context of the board's pages."""
    chosen = {name: filters[name] for name in words.FILTERS if filters.get(name)}
    mapped = mapped if mapped in MAPPED else MAPPED[0]
    kept = {"map": mapped} if mapped != MAPPED[0] else {}
    return {
        "board": board,
        "chosen": chosen,
        "definitions": words.definitions(),
        "count_names": COUNT_COLUMNS,
        "share_names": SHARE_COLUMNS,
        "mapped": mapped,
        "kept": kept,
        "again": chosen | kept,
        "mapped_measures": [(name, words.measure_name(name)) for name in MAPPED],
        "map": _map(board, chosen, mapped),
        "topics": _topics(board, chosen),
        "leaders_chart": charts.leaders(board, chosen),
        "months_chart": charts.months(board, chosen),
        "service_chart": charts.service(board),
        "is_all": current_viewer().role in SEES_ALL,
        "name_of": words.name_of,
        "behind": behind,
        "month_only": words.month_only,
        "measure_name": words.measure_name,
        "filter_name": words.filter_name,
        "behind_group": partial(behind_group, chosen),
        "shown": shown,
        **_choices(),
    }


def list_view(arguments: queries.Filters) -> dict[str, Any]:
    """The context of the list behind a count."""
    chosen = {name: str(arguments[name]) for name in words.FILTERS if arguments.get(name)}
    return {
        "chosen": chosen,
        "board_filters": {name: value for name, value in chosen.items() if name in BOARD_FILTERS},
        "filter_name": words.filter_name,
        "said": [
            (words.filter_name(name), words.filter_value(name, value)) for name, value in chosen.items()
        ],
        "measure_choices": [(name, words.measure_name(name)) for name in words.COUNTS],
        "state_choices": labels("state", [state.value for state in State]),
        **_choices(),
    }


def shown(name: str, value: float | None) -> str:
    """A count or a share (in per cent) as the language writes it; a dash for a share of nothing."""
    if value is None:
        return "–"
    return format_percent(value / 100, "#,##0.0%") if name in words.SHARES else format_decimal(value)


def _choices() -> dict[str, list[tuple[str, str]]]:
    return {
        "townships": choices(county().townships),
        "leaders": choices(county().units_of("leader")),
        "content_classes": choices(county().content_classes),
    }


def _map(board: dict[str, Any], chosen: Mapping[str, str], mapped: str) -> dict[str, Any]:
    """The townships as tiles at their places, each with its value, its shade and where it leads."""
    groups = {group["code"]: group for group in board["by_township"]}
    values = {code: group[mapped] for code, group in groups.items() if code is not None}
    bands = _share_bands() if mapped in words.SHARES else _bands(values.values())

    def tile(code: str) -> dict[str, Any] | None:
        if not code:
            return None
        group, value = groups.get(code), values.get(code)
        return {
            "code": code,
            "value": shown(mapped, value) if group else "",
            "level": _level(value, bands),
            "late": group["late"] if group else 0,
            "href": url_for("board.township", code=code) if group else None,
        }

    rows = county().map or _rows_of([township.code for township in county().townships], 4)
    legend = [
        {"level": level, "text": _band_text(mapped, low, high)} for level, (low, high) in enumerate(bands, 1)
    ]
    return {"rows": [[tile(code) for code in row] for row in rows], "legend": legend, "columns": len(rows[0])}


def _rows_of(codes: list[str], width: int) -> list[list[str]]:
    rows = [codes[start : start + width] for start in range(0, len(codes), width)]
    return [row + [""] * (width - len(row)) for row in rows]


def _bands(values: Iterable[float | None]) -> list[tuple[float, float]]:
    """Up to four bands of counts, equally wide; none where all is nothing."""
    most = int(max((value or 0 for value in values), default=0))
    edges = sorted({most * step // LEVELS for step in range(LEVELS + 1)})
    return [(low + 1, high) for low, high in pairwise(edges)]


def _share_bands() -> list[tuple[float, float]]:
    return [(0, 50), (50, 75), (75, 90), (90, 100)]


def _level(value: float | None, bands: list[tuple[float, float]]) -> int:
    """Which band a value is in, from 1; 0 for nothing."""
    if value is None or not bands or value < bands[0][0]:
        return 0
    return max(level for level, (low, _high) in enumerate(bands, 1) if value >= low)


def _band_text(mapped: str, low: float, high: float) -> str:
    if low == high:
        return shown(mapped, low)
    return f"{shown(mapped, low)}–{shown(mapped, high)}"


def _topics(board: dict[str, Any], chosen: Mapping[str, str]) -> dict[str, Any]:
    """Registrations by content class (down) and month (across, the newest ones), with their shades."""
    recent = [group["code"] for group in charts.recent(board, charts.A_YEAR + 1)]
    months = recent[-charts.A_YEAR :]
    counts = {(each["content_class"], each["month"]): each["registered"] for each in board["over_time"]}
    bands = _bands(count for (_code, month), count in counts.items() if month in months)

    def cell(code: str | None, month: str) -> dict[str, Any]:
        count = counts.get((code, month), 0)
        href = behind({**chosen, "since": month, "until": month}, content_class=code) if count else None
        return {"count": count, "level": _level(count, bands), "href": href}

    rows = [
        {"group": group, "cells": [cell(group["code"], month) for month in months]}
        for group in board["by_content_class"]
    ]
    return {"months": months, "rows": rows, "is_cut": len(recent) > len(months)}
