"""What lies in the inboxes of a notify under test."""

from typing import Any

from services.notify.inbox.models import Notice
from tests.alone import OneService


def told(notify: OneService) -> dict[str, list[str]]:
    """Kind -> the units that have a notice of it."""
    found: dict[str, list[str]] = {}
    with notify.db.read() as session:
        for kind, unit in session.query(Notice.kind, Notice.unit):
            found.setdefault(kind, []).append(unit)
    return {kind: sorted(units) for kind, units in found.items()}


def inbox(notify: OneService, post: str, **arguments: object) -> dict[str, Any]:
    answer = notify.client(post).get("/api/inbox", query_string=arguments)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json
    return page
