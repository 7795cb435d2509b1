"""Cleans the cells of one row into the values of a petition, and says what is wrong with each.

Nothing is guessed: what cannot be read is a problem with its column and what to write instead. Texts
keep every character that people write (rare Chinese characters, emoji); only what no one sees goes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.intake.imports.columns import column_label
from services.intake.imports.rows import EMPTY, Row
from services.intake.imports.values import Lookups, Unusable, read_value
from shared.errors import N_

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Problem:
    """What is wrong with a cell: an error refuses the row, a warning only says so.

    `message` is a msgid with %(name)s places for `params`; neither carries what stands in the cell.
    `column` is the label, as `D 留言时间`.
    """

    field: str
    column: str
    code: str
    message: str
    params: dict[str, Any]
    severity: str = "error"


@dataclass
class CleanRow:
    """The values of the filled, readable cells by field, and the problems of the others."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether any problem is an error."""
        return any(problem.severity == "error" for problem in self.problems)


def clean_row(row: Row, mapping: Mapping[str, int], lookups: Lookups, header: Sequence[str]) -> CleanRow:
    """Clean the mapped cells of a row.

    `values` has, for filled cells only: received_on a `date` (not compared with today), channel, township
    and content_class codes, joint and superior_assigned booleans, petitioner_count an integer of at least
    1, everything else a string. Every problem of the row is listed, not just the first.
    """
    result = CleanRow()
    if len(row.cells) > len(header) and not all(cell.blank for cell in row.cells[len(header) :]):
        # Every cell may stand one column off: no value of such a row can be trusted.
        result.problems.append(_too_many_cells(header))
        return result
    for name, index in mapping.items():
        cell = row.cells[index] if index < len(row.cells) else EMPTY
        label = column_label(header, index)
        try:
            value = read_value(name, cell, lookups)
        except Unusable as fault:
            params = {"column": label, **fault.params}
            result.problems.append(Problem(name, label, fault.code, fault.message, params))
            continue
        if value is not None:
            result.values[name] = value
            result.problems.extend(_warnings(name, label, value))
    return result


def _warnings(name: str, label: str, value: Any) -> list[Problem]:
    if name != "petitioner_id_number" or _is_likely_id(value):
        return []
    message = N_("%(column)s: the identity number does not add up. Compare it with the document.")
    return [Problem(name, label, "id_number_unlikely", message, {"column": label}, "warning")]


def _is_likely_id(number: str) -> bool:
    """GB 11643: 18 places with a check digit; 15 digits before 1999. Passports and the like have letters."""
    if re.fullmatch(r"[0-9]{17}[0-9X]", number):
        total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
        return "10X98765432"[total % 11] == number[17]
    return len(number) == 15 or not number.isdecimal()


def _too_many_cells(header: Sequence[str]) -> Problem:
    label = column_label(header, len(header))
    message = N_(
        "This row has more cells than the table has columns: probably a comma within a text. Put quotation "
        'marks (") around that text, or save the table as .xlsx.'
    )
    return Problem("row", label, "too_many_cells", message, {})
