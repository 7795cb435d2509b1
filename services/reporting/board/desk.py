"""The board's part of a desk: what is open, what comes due and what is late, leading to the petitions."""

from flask import render_template

from services.reporting.board import queries, words
from services.reporting.board.links import behind
from services.reporting.board.views import shown
from services.reporting.progress.queries import failed_messages
from shared.identity.roles import CASEWORK, Role
from shared.web.access import current_viewer
from shared.web.request import current_session

COUNTS = ("open", "due_soon", "late", "repeated", "resolved")
TONES = {"due_soon": "warn", "late": "bad"}


def part() -> str:
    """As HTML; nothing for those who take no part in cases."""
    session, viewer = current_session(), current_viewer()
    if viewer.role not in CASEWORK:
        return ""
    totals = queries.board(session, viewer, {})["totals"]
    figures = [
        (
            words.measure_name(name),
            shown(name, totals[name]),
            behind({}, name) if totals[name] else "",
            TONES.get(name, "") if totals[name] else "",
        )
        for name in COUNTS
    ]
    failed = failed_messages(session) if viewer.role is Role.SUPERVISOR else 0
    return render_template("reporting/desk.html", figures=figures, totals=totals, failed=failed)
