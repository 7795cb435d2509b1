"""A row that a batch works on: one object from the first event to the last, new or not."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from shared.db.base import SharedBase
from shared.db.engine import Database
from shared.db.hold import hold
from shared.db.watch import LastWord

THEN = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def db(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path}/hold.db", agency="local")
    SharedBase.metadata.create_all(database.engine)
    return database


def word(session: Session, source: str) -> LastWord:
    return hold(session, LastWord, source, lambda: LastWord(source=source, occurred_at=THEN, heard_at=THEN))


def test_a_new_row_waits_for_the_others_and_is_written_before_its_second_event(db: Database) -> None:
    with db.write() as session:
        first, other = word(session, "/a/x"), word(session, "/b/x")
        assert {first, other} <= set(session.new)
        assert word(session, "/a/x") is first
        assert not session.new  # what the first event did is told apart from what the second does


def test_a_known_row_is_read_once(db: Database) -> None:
    with db.write() as session:
        word(session, "/a/x")
    with db.write() as session:
        asked: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        first = word(session, "/a/x")
        assert first not in session.new
        assert word(session, "/a/x") is first
    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 1


def test_what_a_savepoint_took_back_is_made_anew(db: Database) -> None:
    with db.write() as session:
        savepoint = session.begin_nested()
        gone = word(session, "/a/x")
        session.flush()
        savepoint.rollback()
        assert word(session, "/a/x") is not gone
    with db.read() as session:
        assert session.scalar(select(func.count()).select_from(LastWord)) == 1


def test_the_next_transaction_holds_nothing_of_this_one(db: Database) -> None:
    with db.write() as session:
        gone = word(session, "/a/x")
    with db.write() as session:
        assert word(session, "/a/x") is not gone
