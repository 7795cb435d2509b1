"""The figures of a month, and which of them may leave the commission (M26: small numbers do not)."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, Protocol

from services.reporting.board.rules import OPEN_STATES, SATISFIED, UPHELD, State, share
from shared.errors import N_, Invalid

# Of the month: the first nine; as they stood at issue: the last three.
MEASURES = (
    "registered",
    "accepted",
    "declined",
    "transferred",
    "resolved",
    "on_time",
    "upheld",
    "rated",
    "satisfied",
    "open",
    "late",
    "repeated",
)
READ = (  # what of the board's rows they are made of
    "petition_id",
    "township",
    "leader",
    "content_class",
    "state",
    "registered_on",
    "accepted_on",
    "declined_on",
    "transferred_on",
    "closed_on",
    "outcome",
    "rating",
    "due_on",
    "was_late",
    "reopened_round",
)
SHARES = {"on_time": "resolved", "upheld": "resolved", "satisfied": "rated"}  # part -> whole
TABLES = {"by_township": "township", "by_leader": "leader", "by_content_class": "content_class"}
PUBLIC_TABLES = ("by_township", "by_content_class")  # what a single leader did stays inside
SMALLEST = 5  # a smaller count could point at a person


class Fact(Protocol):
    """A petition in a summary: its groups, and which measures count it."""

    @property
    def township(self) -> str | None: ...
    @property
    def leader(self) -> str | None: ...
    @property
    def content_class(self) -> str | None: ...
    @property
    def marks(self) -> Collection[str]: ...


def check_month(month: str, today: date) -> None:
    """Raises Invalid for a month (2026-03) that is not over."""
    if month >= f"{today:%Y-%m}":
        raise Invalid(
            N_("This month is not over. Issue its summary from the first day of the next one."), field="month"
        )


def marks(petition: Any, month: str, today: date) -> list[str]:
    """Which measures of a month count a petition of the board (its row), as it stands today."""

    def in_month(day: date | None) -> bool:
        return day is not None and f"{day:%Y-%m}" == month

    resolved = petition.state == State.CLOSED and in_month(petition.closed_on)
    found = {
        "registered": in_month(petition.registered_on),
        "accepted": in_month(petition.accepted_on),
        "declined": in_month(petition.declined_on),
        "transferred": in_month(petition.transferred_on),
        "resolved": resolved,
        "on_time": resolved and not petition.was_late,
        "upheld": resolved and petition.outcome in UPHELD,
        "rated": resolved and petition.rating is not None,
        "satisfied": resolved and petition.rating == SATISFIED,
        "open": petition.state in OPEN_STATES,
        "late": petition.due_on is not None and petition.due_on < today,
        "repeated": petition.state in OPEN_STATES and petition.reopened_round > 0,
    }
    return [name for name in MEASURES if found[name]]


def figures(facts: Iterable[Fact]) -> dict[str, Any]:
    """The totals and tables of a summary; groups in the order of their codes, never of their numbers."""
    facts = list(facts)
    made: dict[str, Any] = {"totals": _counted(facts)}
    for table, column in TABLES.items():
        groups: dict[str | None, list[Fact]] = {}
        for fact in facts:
            groups.setdefault(getattr(fact, column), []).append(fact)
        codes = sorted(groups, key=lambda code: (code is None, code or ""))
        made[table] = [{"code": code, **_counted(groups[code])} for code in codes]
    return made


def _counted(facts: list[Fact]) -> dict[str, Any]:
    counts = {name: sum(name in fact.marks for fact in facts) for name in MEASURES}
    return counts | {f"{part}_share": share(counts[part], counts[whole]) for part, whole in SHARES.items()}


def canonical(made: Mapping[str, Any]) -> str:
    """Figures as the one JSON text that their hash is made of."""
    return json.dumps(made, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(document: str) -> str:
    """The SHA-256 of a document, in hex."""
    return hashlib.sha256(document.encode()).hexdigest()


def for_outside(made: Mapping[str, Any]) -> dict[str, Any]:
    """The figures without small numbers: a count below 5 is None, and so is what would give it away.

    That is a share, the other part of a whole, and the second smallest of a column of which the sum
    is known. Zero stays: it says nothing about anybody.
    """
    totals = {name: None if _is_small(made["totals"], name) else made["totals"][name] for name in MEASURES}
    public: dict[str, Any] = {"totals": totals}
    for table in PUBLIC_TABLES:
        rows = [{"code": row["code"], **{m: row[m] for m in MEASURES}} for row in made[table]]
        for measure in MEASURES:
            for index in _hidden(made[table], measure, is_sum_hidden=totals[measure] is None):
                rows[index][measure] = None
        public[table] = rows
    return public


def _is_small(row: Mapping[str, Any], measure: str) -> bool:
    count = row[measure]
    rest = row[SHARES[measure]] - count if measure in SHARES else 0
    return 0 < count < SMALLEST or (count > 0 and 0 < rest < SMALLEST)


def _hidden(rows: list[dict[str, Any]], measure: str, *, is_sum_hidden: bool) -> set[int]:
    """The rows of a column that are not shown; at least two, and 5 together, or the sum tells them."""
    counts = {index: row[measure] for index, row in enumerate(rows) if row[measure]}
    if is_sum_hidden:
        return set(counts)
    hidden = {index for index in counts if _is_small(rows[index], measure)}
    others = sorted(counts.keys() - hidden, key=lambda index: (counts[index], index))
    while hidden and others and (len(hidden) < 2 or sum(counts[i] for i in hidden) < SMALLEST):
        hidden.add(others.pop(0))
    return hidden
