"""The same on PostgreSQL, and what only a database with several writers can show."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.assignment.desk import Desk, plan
from tests.assignment.test_roster import OTHER, change, line
from tests.assignment.test_rounds import finish, second_round

pytestmark = pytest.mark.postgres


@pytest.fixture
def on_postgres(fresh_database: Callable[[], str], tmp_path: Path, move: object) -> Iterator[Desk]:
    desk = Desk(tmp_path, database_url=fresh_database())
    yield desk
    desk.close()


def test_the_whole_way_and_a_hand_over(on_postgres):
    desk = on_postgres
    case, desk_a, desk_b = second_round(desk)
    finish(desk, case, desk_a, desk_b)
    assert len(desk.events("case.closed")) == 2
    other = desk.open(excluded=["leader-1"])
    change(desk, line("leader-5"))
    desk.run()
    assert desk.case(other)["leader"] == "leader-5"
    assert desk.case(case)["leader"] == "leader-1"


def at_once(desk, post, path, bodies):
    """Send requests at the same moment and give their status codes."""

    def send(body):
        return desk.client(post).post(path, json=body).status_code

    with ThreadPoolExecutor(len(bodies)) as pool:
        return sorted(pool.map(send, bodies))


def test_of_two_changes_of_the_roster_at_once_one_is_told(on_postgres):
    desk = on_postgres
    version = desk.get("head", "/api/roster")["version"]
    bodies = [  # each alone leaves leader-1 a township, both together would not
        {"version": version, "entries": [line("leader-2")]},
        {"version": version, "entries": [line("leader-3", township=OTHER)]},
    ]
    assert at_once(desk, "head", "/api/roster/changes", bodies) == [201, 409]
    assert {e["leader"] for e in desk.get("head", "/api/roster")["entries"]} >= {"leader-1"}
    assert len(desk.events("roster.changed")) == 1


def test_of_eight_plans_at_once_one_stands(on_postgres):
    desk = on_postgres
    case = desk.open()
    bodies = [{"version": case["version"], **plan()} for _ in range(8)]
    assert at_once(desk, "leader-1", f"/api/cases/{case['id']}/plan", bodies) == [201, *[409] * 7]
    assert len(desk.case(case)["plans"]) == len(desk.events("plan.fixed")) == 1
