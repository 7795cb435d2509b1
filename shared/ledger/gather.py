"""Gathers what a transaction does to watched tables, and writes it down as one entry when it commits.

What goes through the unit of work is seen when it is flushed; a bulk UPDATE, DELETE or INSERT is made to
return the keys of its rows. A new row is digested as it was written; a changed one is read again first,
since another transaction may have changed its other columns meanwhile. Rows that an act only adds need not
be written before the next act begins: those of a batch of events go to the database together.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event, insert, inspect, select, tuple_
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.sql.dml import Delete, Insert, Update

from shared import clock
from shared.ledger.acting import who_acts
from shared.ledger.digests import Digests, canonical
from shared.ledger.models import LedgerEntry
from shared.ledger.shapes import Shape, shape_of, shape_of_class

AT_ONCE = 500
_NEW_ENTRY = insert(LedgerEntry)
GATHERING = "ledger"  # where a session keeps it

Key = tuple[Any, ...]


@dataclass
class Touched:
    """What became of one row since the act began; `row` as long as its values are certain."""

    operation: str
    row: Any = None


@dataclass
class Act:
    """What one actor did in the transaction; `added` are its rows that were written after it ended."""

    actor: str
    action: str
    changes: list[list[str]]
    notes: list[list[str]]
    added: list[tuple[Any, list[str]]] = field(default_factory=list)  # row and change


class Gathering:
    """What one transaction has done so far."""

    def __init__(self, digests: Digests) -> None:
        self.digests = digests
        self._acts: list[Act] = []
        self._unwritten: dict[int, tuple[Any, Act]] = {}  # by id(): rows that wait for their flush
        self._rows: dict[tuple[Shape, Key], Touched] = {}
        self._notes: list[list[str]] = []

    def note(self, kind: str, subject: str) -> None:
        """Write down what changes no row: that something was read, given out or refused."""
        self._notes.append([kind, subject])

    def touch(self, shape: Shape, key: Key, operation: str, row: Any = None) -> None:
        """Note what was done to a row; several things done to one become what they amount to."""
        before = self._rows.pop((shape, key), None)
        if before is not None:
            if before.operation == "insert" and operation == "delete":
                return
            if before.operation == "insert":
                operation, row = "insert", before.row if row is not None else None
            elif before.operation == "delete" and operation == "insert":
                operation, row = "update", None
        self._rows[shape, key] = Touched(operation, row)

    def note_added(self, shape: Shape, key: Key, row: Any) -> None:
        """Note that a new row was written: for the act that added it, which may have ended before."""
        _row, act = self._unwritten.pop(id(row), (row, None))
        if act is None:
            self.touch(shape, key, "insert", row)
        else:
            act.added.append((row, self._change(shape, "insert", self._values(shape, row))))

    def end_act(self, session: Session, actor: str, action: str) -> None:
        """What was done since the last act was done by `actor`. All but new rows must be flushed."""
        fresh = [row for row in session.new if id(row) not in self._unwritten]
        if self._rows or self._notes or fresh:
            act = Act(actor, action, self._changes(session), self._notes)
            self._unwritten |= {id(row): (row, act) for row in fresh}
            self._acts.append(act)
            self._rows, self._notes = {}, []

    def take(self) -> list[list[Any]]:
        """All acts of the transaction, of which all must be flushed; a new one begins."""
        acts, self._acts, self._unwritten = self._acts, [], {}
        for act in acts:
            # Of a transient row the savepoint was rolled back.
            act.changes += [change for row, change in act.added if not inspect(row).transient]
        return [[a.actor, a.action, a.changes, a.notes] for a in acts if a.changes or a.notes]

    def clear(self) -> None:
        """Forget all: it was rolled back."""
        self._acts, self._rows, self._notes, self._unwritten = [], {}, [], {}

    def _changes(self, session: Session) -> list[list[str]]:
        fresh = self._read_again(session)
        changes = []
        for (shape, key), touched in self._rows.items():
            if touched.operation == "delete":
                named = dict(zip((c.name for c in shape.key), key, strict=True))
                changes.append([shape.name, shape.key_of(named, self.digests), "delete", ""])
                continue
            if touched.row is None:
                values = fresh.get((shape, key))
            else:
                values = None if inspect(touched.row).transient else self._values(shape, touched.row)
            if values is not None:  # else its savepoint was rolled back
                changes.append(self._change(shape, touched.operation, values))
        return changes

    def _change(self, shape: Shape, operation: str, values: dict[str, Any]) -> list[str]:
        name = shape.key_of(values, self.digests)
        change = [shape.name, name, operation, self.digests.of_row(shape.name, name, values)]
        matter = shape.matter_of(values)
        return [*change, matter] if matter else change

    @staticmethod
    def _values(shape: Shape, row: Any) -> dict[str, Any]:
        names = shape.attributes
        return {column.name: getattr(row, names[column.name]) for column in shape.columns}

    def _read_again(self, session: Session) -> dict[tuple[Shape, Key], dict[str, Any]]:
        wanted: dict[Shape, list[Key]] = {}
        for (shape, key), touched in self._rows.items():
            if touched.row is None and touched.operation != "delete":
                wanted.setdefault(shape, []).append(key)
        found = {}
        for shape, keys in wanted.items():
            for start in range(0, len(keys), AT_ONCE):
                for values in _rows_of(session, shape, keys[start : start + AT_ONCE]):
                    found[shape, tuple(values[column.name] for column in shape.key)] = values
        return found


def _rows_of(session: Session, shape: Shape, keys: list[Key]) -> Iterable[dict[str, Any]]:
    if len(shape.key) == 1:
        condition = shape.key[0].in_([key[0] for key in keys])
    else:
        condition = tuple_(*shape.key).in_(keys)
    rows = session.connection().execute(select(*shape.columns).where(condition))
    return [dict(row._mapping) for row in rows]


class RecordedSession(Session):
    """A session whose transaction leaves an entry in the ledger, where its `info` holds a Gathering."""


def begin_act(session: Session) -> None:
    """What was done so far belongs to another act than what comes."""
    end_act(session, *who_acts())


def end_act(session: Session, actor: str, action: str) -> None:
    """What was done since `begin_act` was done by `actor`; see acting.act_as for what that may be."""
    if gathering := session.info.get(GATHERING):
        if any(shape_of_class(row.__class__) for row in (*session.dirty, *session.deleted)):
            session.flush()
        gathering.end_act(session, actor, action)


def note(session: Session, kind: str, subject: object) -> None:
    """Write down in the ledger what changes no row, e.g. `identity.read` of a petition's id.

    `kind` is a code of ours; `subject` an id, a number of a document or a code: never a name or a text.
    """
    if gathering := session.info.get(GATHERING):
        gathering.note(kind, str(subject))


@event.listens_for(RecordedSession, "after_flush")
def _flushed(session: Session, _context: Any) -> None:
    gathering = session.info.get(GATHERING)
    if gathering is None:
        return
    for row in session.new:
        _touch_row(gathering, row, "insert")
    for row in session.dirty:
        if session.is_modified(row):
            _touch_row(gathering, row, "update")
    for row in session.deleted:
        _touch_row(gathering, row, "delete")


def _touch_row(gathering: Gathering, row: Any, operation: str) -> None:
    shape = shape_of_class(row.__class__)
    if shape is None or (shape.is_fixed and operation != "insert"):
        return
    key = tuple(getattr(row, shape.attributes[column.name]) for column in shape.key)
    if operation == "insert":
        gathering.note_added(shape, key, row)
    else:
        gathering.touch(shape, key, operation)


@event.listens_for(RecordedSession, "do_orm_execute")
def _executed(state: ORMExecuteState) -> Any:
    statement = state.statement
    if not isinstance(statement, Insert | Update | Delete):
        return None
    gathering = state.session.info.get(GATHERING)
    shape = shape_of(statement.table) if gathering is not None else None  # type: ignore[arg-type]
    if gathering is None or shape is None or shape.is_fixed:
        return None
    if statement._returning:
        raise TypeError(f"a bulk change of {shape.name} must leave RETURNING to the ledger")
    result = state.invoke_statement(statement.returning(*shape.table.primary_key.columns))
    rows = result.all()
    operation = statement.__visit_name__
    for row in rows:
        gathering.touch(shape, tuple(row), operation)
    result.rowcount = len(rows)  # type: ignore[attr-defined]  # as the caller would have had it
    return result


@event.listens_for(RecordedSession, "before_commit")
def _committing(session: Session) -> None:
    gathering = session.info.get(GATHERING)
    if gathering is None:
        return
    session.flush()
    gathering.end_act(session, *who_acts())
    if acts := gathering.take():
        algorithm = gathering.digests.algorithm
        entry = {"at": clock.now(), "acts": canonical(acts), "algorithm": algorithm}
        session.connection().execute(_NEW_ENTRY, entry)


@event.listens_for(RecordedSession, "after_soft_rollback")
def _rolled_back(session: Session, previous: Any) -> None:
    gathering = session.info.get(GATHERING)
    if gathering is not None and previous.parent is None:
        gathering.clear()
