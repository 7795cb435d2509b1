"""Where the board's numbers lead: to the petitions that they count, under the filters of the board."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from services.reporting.board.queries import NO_CODE


def behind(chosen: Mapping[str, str], measure: str = "", **narrower: str | None) -> str:
    """The address of the petitions behind a count of a group."""
    values: dict[str, Any] = dict(chosen) | {name: code or NO_CODE for name, code in narrower.items()}
    if measure:
        values["measure"] = measure
    return url_for("board.petitions", **values)


def behind_group(chosen: Mapping[str, str], group: str, code: str | None, measure: str) -> str:
    """The address of the petitions behind a count of a table's group."""
    narrower = {"since": code, "until": code} if group == "month" else {group: code}
    return behind(chosen, measure, **narrower)
