"""The board and the lists behind it as Excel: numbers are numbers, days are days, shares are fractions.

A workbook holds what its reader may see, and nothing that was typed: codes by their names, counts and days.
"""

from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy import Select
from sqlalchemy.orm import Session
from xlsxwriter import Workbook

from services.reporting.board import queries, rules, words
from services.reporting.board.models import BoardPetition
from shared import clock
from shared.identity.roles import Viewer
from shared.web.names import label, unit_name
from shared.workbook import DAY, MONTH, PERCENT, WHOLE, Column, Value, add_table, new_book

MOST_PETITIONS = 100_000
"""Petitions in one workbook; where more fit, its first sheet says so."""


def write_board(path: Path, board: dict[str, Any], filters: queries.Filters) -> None:
    """Write the board's tables, a sheet each, as `path`."""
    measures = [
        *(Column(words.measure_name(name), 13, WHOLE) for name in words.COUNTS),
        *(Column(words.measure_name(name), 15, PERCENT) for name in words.SHARES),
    ]
    with new_book(path) as book:
        _add_about(book, filters)
        add_table(book, _("Overall"), measures, [_measured(board["totals"])])
        for table in words.GROUPS:
            rows = [[_group(table, group["code"]), *_measured(group)] for group in board[f"by_{table}"]]
            add_table(book, words.group_title(table), [_group_column(table), *measures], rows)
        pairs = [
            [_group("content_class", each["content_class"]), _group("month", each["month"]), *_measured(each)]
            for each in board["over_time"]
        ]
        columns = [_group_column("content_class"), _group_column("month"), *measures]
        add_table(book, _("Content class by month"), columns, pairs)


def write_petitions(
    path: Path, session: Session, viewer: Viewer, filters: queries.Filters, most: int = MOST_PETITIONS
) -> None:
    """Write the petitions behind a count as `path`, the newest number first, `most` of them."""
    count = queries.count_up_to(session, queries.petitions_for(viewer, filters), most + 1)
    about = [(_("Petitions in this file"), str(min(count, most)))]
    if count > most:
        about.append(
            (_("Cut"), _("More petitions fit than one file holds. Narrow the list and take several."))
        )
    columns = _petition_columns()
    statement = queries.petitions_for(viewer, filters).order_by(BoardPetition.list_key.desc()).limit(most)
    rows = _petition_rows(session, statement, [value for _column, value in columns])
    with new_book(path) as book:
        _add_about(book, filters, *about)
        add_table(book, _("Petitions"), [column for column, _value in columns], rows)


def _add_about(book: Workbook, filters: queries.Filters, *facts: tuple[str, str]) -> None:
    """What the file shows, as of when and narrowed to what."""
    rows = [(_("Counted as of"), format_datetime(clock.now(), "medium")), *facts]
    for name, value in filters.items():
        if value and name in words.FILTERS:
            rows.append((words.filter_name(name), words.filter_value(name, value)))
    add_table(book, _("About this file"), [Column(_("Item"), 26), Column(_("Value"), 60)], rows)


def _group_column(table: str) -> Column:
    return Column(words.group_title(table), 24, MONTH if table == "month" else None)


def _group(table: str, code: str | None) -> Value:
    if table == "month" and code is not None:
        return date.fromisoformat(f"{code}-01")
    return words.name_of(table, code)


def _measured(group: dict[str, Any]) -> list[Value]:
    shares = (group[name] for name in rules.SHARES)
    counts = [group[name] for name in words.COUNTS]
    return [*counts, *(None if share is None else round(share / 100, 3) for share in shares)]


def _petition_rows(
    session: Session, statement: Select[BoardPetition], values: list[Callable[[Any], Value]]
) -> Iterator[list[Value]]:
    columns = statement.with_only_columns(*BoardPetition.__table__.columns)  # rows, which nothing keeps
    for petition in session.execute(columns, execution_options={"yield_per": 1000}):
        yield [value(petition) for value in values]


def _petition_columns() -> list[tuple[Column, Callable[[Any], Value]]]:
    named = cache(words.name_of)  # for each code once, not for each row
    worded = cache(label)
    unit = cache(unit_name)
    today = clock.today()

    def light(p: Any) -> Value:
        found = rules.light(p.due_on, today)
        return "" if found is rules.Light.NONE else words.measure_name(found.value)

    return [
        (Column(_("Number"), 18), lambda p: p.number),
        (Column(_("State"), 16), lambda p: worded(p.state, "state")),
        (Column(_("Township"), 14), lambda p: named("township", p.township)),
        (Column(_("Content class"), 16), lambda p: named("content_class", p.content_class)),
        (Column(_("Category"), 16), lambda p: worded(p.category, "category")),
        (Column(_("Channel"), 14), lambda p: worded(p.channel, "channel")),
        (Column(_("Leader in charge"), 20), lambda p: named("leader", p.leader)),
        (Column(_("Counterpart office"), 20), lambda p: unit(p.office)),
        (Column(_("Cooperating team"), 22), lambda p: unit(p.team)),
        (Column(_("Received on"), 12, DAY), lambda p: p.received_on),
        (Column(_("Registered on"), 12, DAY), lambda p: p.registered_on),
        (Column(_("Accepted on"), 12, DAY), lambda p: p.accepted_on),
        (Column(_("Last handled on"), 12, DAY), lambda p: p.last_handled_on),
        (Column(_("Due on"), 12, DAY), lambda p: p.due_on),
        (Column(_("Warning light"), 16), light),
        (Column(_("Closed on"), 12, DAY), lambda p: p.closed_on),
        (Column(_("Outcome"), 14), lambda p: worded(p.outcome, "outcome")),
        (Column(_("Rating"), 14), lambda p: worded(p.rating, "rating")),
    ]
