"""What the board's counts, shares and groups are called; msgids, and the names of groups."""

from collections.abc import Mapping
from datetime import date

from babel.dates import format_skeleton
from flask_babel import get_locale
from flask_babel import gettext as _

from services.reporting.board.queries import NO_CODE
from shared.errors import N_
from shared.web.names import class_name, label, township_name, unit_name

COUNTS: Mapping[str, str] = {
    "registered": N_("Registered"),
    "open": N_("Open"),
    "running": N_("With a term running"),
    "due_soon": N_("Due within a week"),
    "late": N_("Overdue"),
    "repeated": N_("Came back"),
    "resolved": N_("Closed"),
    "on_time": N_("Closed, never late"),
    "upheld": N_("Upheld wholly or partly"),
    "rated": N_("Rated"),
    "satisfied": N_("Rated satisfied"),
}
SHARES: Mapping[str, str] = {
    "resolved_share": N_("Share closed"),
    "on_time_share": N_("Share closed in time"),
    "late_share": N_("Share overdue"),
    "upheld_share": N_("Share upheld"),
    "satisfied_share": N_("Share satisfied"),
}
MEASURES = {**COUNTS, **SHARES}
DEFINITIONS: Mapping[str, str] = {  # what each count and share means
    "registered": N_("Every petition in the register that you may see; withdrawn ones do not count."),
    "open": N_("Not yet closed, declined or passed on."),
    "due_soon": N_("The earliest last day of a duty is within seven days from today."),
    "late": N_("The last day of a duty has passed and the duty is not done."),
    "repeated": N_("The matter came back after it had been closed and was handled again."),
    "resolved": N_("Closed after both checks, and not open again."),
    "resolved_share": N_("The closed, of the closed and the open."),
    "on_time_share": N_("Closed without any duty ever late, of the closed."),
    "late_share": N_("The overdue, of those with a duty whose term is running."),
    "upheld_share": N_("Upheld wholly or partly, of the closed."),
    "satisfied_share": N_("Rated satisfied by the petitioner, of the rated."),
}
GROUPS: Mapping[str, str] = {
    "township": N_("Township"),
    "leader": N_("Leader in charge"),
    "content_class": N_("Content class"),
    "month": N_("Month of registration"),
}

FILTERS: Mapping[str, str] = {
    **{name: GROUPS[name] for name in ("township", "leader", "content_class")},
    "since": N_("Registered from"),
    "until": N_("Registered until"),
    "measure": N_("Count"),
    "state": N_("State"),
}


def measure_name(name: str) -> str:
    """What a count or share is called in the reader's language."""
    return str(_(MEASURES[name]))


def definitions() -> list[tuple[str, str]]:
    """What each count and share is called, and what it means."""
    return [(measure_name(name), _(text)) for name, text in DEFINITIONS.items()]


def group_title(group: str) -> str:
    """What the groups of a table are."""
    return str(_(GROUPS[group]))


def filter_name(name: str) -> str:
    """What a filter is called; one of no page by its own name."""
    return str(_(FILTERS[name])) if name in FILTERS else name


def name_of(group: str, code: str | None) -> str:
    """What a group of a table is called in the reader's language."""
    if code is None:
        return _("Not yet known")
    match group:
        case "township":
            return township_name(code)
        case "leader":
            return unit_name(code)
        case "content_class":
            return class_name(code)
    return month_name(code)


def month_name(month: str) -> str:
    """A month (2026-03) as the language writes it."""
    return _month("yMMM", month)


def month_only(month: str) -> str:
    """A month without its year, as short as the language writes it."""
    return _month("MMM", month)


def _month(skeleton: str, month: str) -> str:
    return str(format_skeleton(skeleton, date.fromisoformat(f"{month}-01"), locale=get_locale()))


def filter_value(name: str, value: str) -> str:
    """What a filter is set to, in words."""
    match name:
        case "measure":
            return measure_name(value)
        case "state":
            return label(value, "state")
        case "since" | "until":
            return month_name(value)
    return name_of(name, None if value == NO_CODE else value)
