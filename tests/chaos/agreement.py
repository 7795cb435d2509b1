"""Whether all five services agree on every petition: each knows each, and nothing is there twice."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from tests.ground import Ground

# Where each service keeps one row per petition that it has heard of.
PETITIONS = {
    "intake": "SELECT id FROM petition",
    "supervision": "SELECT petition_id FROM clock WHERE duty = 'decision'",
    "notify": "SELECT petition_id FROM arrival",
    "reporting": "SELECT petition_id FROM board_petition WHERE registered_on IS NOT NULL",
}
ACCEPTED = {
    "intake": "SELECT id FROM petition WHERE state = 'accepted'",
    "assignment": 'SELECT petition_id FROM "case"',
    "supervision": "SELECT petition_id FROM clock WHERE duty = 'decision' AND state = 'stopped'",
    "reporting": "SELECT petition_id FROM board_petition WHERE accepted_on IS NOT NULL",
}


def known(ground: Ground, queries: dict[str, str]) -> dict[str, list[UUID]]:
    """The petitions that each service has rows of, sorted, a petition with two rows twice."""
    found = {}
    for service, query in queries.items():
        with ground.instance(service).db.read() as session:
            found[service] = sorted(_uuid(value) for value in session.scalars(text(query)))
    return found


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))


def check_agreement(ground: Ground, count: int, accepted: int) -> None:
    """Raises AssertionError naming the services that differ."""
    for queries, wanted in ((PETITIONS, count), (ACCEPTED, accepted)):
        lists = known(ground, queries)
        truth = lists["intake"]
        counts = {name: (len(ids), len(set(ids))) for name, ids in lists.items()}
        assert counts == dict.fromkeys(queries, (wanted, wanted)), counts
        assert all(ids == truth for ids in lists.values())
    with ground.instance("intake").db.read() as session:
        numbers = sorted(session.scalars(text("SELECT number FROM petition")))
    serials = [int(number.rpartition("-")[2]) for number in numbers]
    assert serials == list(range(1, count + 1)), "a number was skipped or given twice"
