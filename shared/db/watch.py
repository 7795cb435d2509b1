"""What a service knows of the others and of its own loops: read on the operator's pages.

The worker writes it and the web process reads it; in one process they are the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Executable, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared import clock
from shared.db.base import InsertInto, SharedBase, for_database, insert_into


class LastWord(SharedBase):
    """The newest event heard from a source (`/<agency>/<service>`), when it happened and when it came."""

    __tablename__ = "last_word"

    source: Mapped[str] = mapped_column(String(255), primary_key=True)
    occurred_at: Mapped[datetime]
    heard_at: Mapped[datetime]


class LoopState(SharedBase):
    """A loop of the worker: when it was last seen to live, and the kind of what keeps it from its work."""

    __tablename__ = "loop_state"

    loop: Mapped[str] = mapped_column(String(64), primary_key=True)
    seen_at: Mapped[datetime]
    failing: Mapped[str | None] = mapped_column(String(100))


def note_words(session: Session, words: Iterable[tuple[str, datetime]]) -> None:
    """Note when events of some sources happened; only a newer one moves a last word on."""
    newest: dict[str, datetime] = {}
    for source, at in words:
        newest[source] = max(at, newest.get(source, at))
    if not newest:
        return
    now = clock.now()
    # One order for all workers, as in the inbox: none waits for another in a ring.
    values = [{"source": s, "occurred_at": newest[s], "heard_at": now} for s in sorted(newest)]
    # By the connection: for a statement with many rows of values the ORM would put it together anew.
    session.connection().execute(for_database(session, _keep_the_newer), values)


def _keep_the_newer(insert: InsertInto) -> Executable:
    word = insert(LastWord)
    return word.on_conflict_do_update(
        index_elements=[LastWord.source],
        set_={"occurred_at": word.excluded.occurred_at, "heard_at": word.excluded.heard_at},
        where=LastWord.occurred_at < word.excluded.occurred_at,
    )


def last_words(session: Session) -> Sequence[LastWord]:
    """The last word of everyone from whom anything was heard."""
    return session.scalars(select(LastWord).order_by(LastWord.source)).all()


def note_loops(session: Session, failing: Mapping[str, str | None]) -> None:
    """Note that the loops live; of each, the kind of what it fails at now, if anything."""
    now = clock.now()
    values = [{"loop": name, "seen_at": now, "failing": failing[name]} for name in sorted(failing)]
    insert = insert_into(session, LoopState).values(values)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=[LoopState.loop],
            set_={"seen_at": insert.excluded.seen_at, "failing": insert.excluded.failing},
        )
    )


def loop_states(session: Session) -> Sequence[LoopState]:
    """All loops that ever were, by name."""
    return session.scalars(select(LoopState).order_by(LoopState.loop)).all()
