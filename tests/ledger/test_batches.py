"""Events that are handled in one transaction: each is an act of its own, with its rows and no other's."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from services.assignment.service import SERVICE as ASSIGNMENT
from shared import clock
from shared.bus.handlers import Event, Handler
from shared.bus.work import Work
from shared.contracts.intake import PetitionRegisteredV1
from shared.contracts.registry import contract_of
from shared.db.inbox import Arrival, receive
from shared.identity.accounts import Account
from shared.identity.recusal import Exclusion
from shared.ledger.rows import check_rows
from shared.ledger.shapes import shape_of_class
from shared.ledger.show import acts
from shared.runtime.compose import prepare
from shared.runtime.service import Instance
from tests.bus.bad import good_body
from tests.ground import settings_for

CONTRACT = contract_of(PetitionRegisteredV1)
Step = Callable[[Event, Session], None]


@pytest.fixture
def assignment(database_url: str | None, tmp_path: Path) -> Iterator[Instance]:
    """On SQLite and on PostgreSQL; no loop runs."""
    settings = settings_for(tmp_path, **({"database_url": database_url} if database_url else {}))
    instance = Instance(ASSIGNMENT, settings)
    prepare(instance)
    yield instance
    instance.db.close()


def handle_together(instance: Instance, steps: dict[str, Step]) -> None:
    """One batch: each event, by its id, takes its own step."""

    def handler(event: Event, session: Session) -> None:
        steps[event.id](event, session)

    with instance.db.write() as session:
        receive(session, [Arrival(good_body(id_)) for id_ in steps], {CONTRACT.key})
    work = Work(instance.db, [Handler(CONTRACT, frozenset(), handler)], threading.Event())
    assert work.step() == len(steps)
    assert work.step() == 0


def changes_of(instance: Instance) -> dict[str, list[tuple[str, str]]]:
    """By the id of the event: what the act did to which new post."""
    shape = shape_of_class(Account)
    assert shape is not None
    posts = {shape.key_of({"post": f"new-{name}"}, instance.digests): f"new-{name}" for name in "abc"}
    with instance.db.read() as session:
        return {
            act.actor.partition("#")[2]: sorted((change[2], posts[change[1]]) for change in act.changes)
            for act in acts(session, actor="/local/intake")
        }


def add(post: str) -> Step:
    return lambda _event, session: session.add(Account(post=post, role="team", unit="team-1"))


def change(post: str) -> Step:
    def step(_event: Event, session: Session) -> None:
        session.get_one(Account, post).disabled_at = clock.now()

    return step


def remove(post: str) -> Step:
    return lambda _event, session: session.delete(session.get_one(Account, post))


def test_rows_that_are_only_added_belong_to_the_event_that_added_them(assignment: Instance) -> None:
    handle_together(assignment, {"a": add("new-a"), "b": add("new-b"), "c": add("new-c")})
    assert changes_of(assignment) == {name: [("insert", f"new-{name}")] for name in "abc"}
    assert list(check_rows(assignment)) == []


def test_what_a_later_event_does_to_a_new_row_is_the_later_events(assignment: Instance) -> None:
    steps = {
        "a": add("new-a"),
        "b": add("new-b"),
        "c": change("new-a"),
        "d": remove("new-b"),
        "e": add("new-b"),
    }
    handle_together(assignment, steps)
    assert changes_of(assignment) == {
        "a": [("insert", "new-a")],
        "b": [("insert", "new-b")],
        "c": [("update", "new-a")],
        "d": [("delete", "new-b")],
        "e": [("insert", "new-b")],
    }
    assert list(check_rows(assignment)) == []


def test_a_new_row_is_digested_as_its_own_event_left_it(assignment: Instance) -> None:
    handle_together(assignment, {"a": add("new-a"), "c": change("new-a")})
    with assignment.db.read() as session:
        added, changed = (act.changes for act in acts(session, actor="/local/intake"))
    shape = shape_of_class(Account)
    assert shape is not None
    given = {"post": "new-a", "role": "team", "unit": "team-1", "disabled_at": None}
    name = shape.key_of(given, assignment.digests)
    assert [row[3] for row in added] == [assignment.digests.of_row(shape.name, name, given)]
    assert [row[3] for row in added] != [row[3] for row in changed]


def test_an_event_that_changes_nothing_leaves_no_act(assignment: Instance) -> None:
    handle_together(assignment, {"a": add("new-a"), "b": lambda _event, _session: None, "c": add("new-c")})
    assert sorted(changes_of(assignment)) == ["a", "c"]


def test_one_that_fails_leaves_the_acts_of_the_others(assignment: Instance) -> None:
    def fail(event: Event, session: Session) -> None:
        add("new-b")(event, session)
        raise RuntimeError

    handle_together(assignment, {"a": add("new-a"), "b": fail, "c": add("new-c")})
    assert changes_of(assignment) == {name: [("insert", f"new-{name}")] for name in "ac"}
    assert list(check_rows(assignment)) == []


def test_a_savepoint_that_was_rolled_back_left_nothing(assignment: Instance) -> None:
    def half(event: Event, session: Session) -> None:
        add("new-b")(event, session)
        with pytest.raises(RuntimeError), session.begin_nested():
            session.add(Exclusion(petition_id=event["petition_id"], unit="office-1"))
            session.flush()
            raise RuntimeError

    handle_together(assignment, {"a": add("new-a"), "b": half})
    assert changes_of(assignment) == {name: [("insert", f"new-{name}")] for name in "ab"}
    assert list(check_rows(assignment)) == []
