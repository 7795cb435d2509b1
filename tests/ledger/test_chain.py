"""Any byte that is altered, any entry that is missing, moved or put in is found, the first of them named."""

import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from shared import clock
from shared.db.base import SharedBase
from shared.db.engine import Database
from shared.identity.keys import Keys
from shared.identity.recusal import Exclusion
from shared.ledger.chain import hash_of
from shared.ledger.digests import Digests
from shared.ledger.models import LedgerEntry, LedgerHead
from tests.ground import keys_for
from tests.ledger.book import Book

ENTRIES = 12
COLUMNS = ("seq", "at", "acts", "algorithm", "position", "prev", "hash")


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """A chain of twelve entries without a signed head, so that only the chain itself can show something."""
    digests = Digests(Keys(keys_for("local"), "local", "intake"))
    file = tmp_path_factory.mktemp("chain") / "ledger.db"
    db = Database(f"sqlite:///{file}", agency="local", ledger=digests)
    SharedBase.metadata.create_all(db.engine)
    made = Book(db, digests)
    for number in range(ENTRIES):
        made.write(f"office-{number}", "office-x")
    made.seal()
    made.tamper("DELETE FROM ledger_head")
    return made


def altered(value: object, place: int, bit: int) -> object:
    """The value with one bit of one of its bytes changed."""
    if isinstance(value, int):
        return value ^ (1 << (place % 40))
    raw = bytearray(str(value or " ").encode())  # before the first entry there is none: something appears
    raw[place % len(raw)] ^= 1 << bit
    return raw.decode("latin-1")


@given(st.integers(1, ENTRIES), st.sampled_from(COLUMNS), st.integers(0, 10_000), st.integers(0, 6))
def test_one_altered_byte_is_found_where_it_is(
    sealed: Book, position: int, column: str, place: int, bit: int
) -> None:
    before = sealed.rows()
    rows = [dict(row) for row in before]
    changed = altered(rows[position - 1][column], place, bit)
    if column == "at":  # a moment that can still be read, a microsecond to a second away
        changed = _other_moment(str(rows[position - 1]["at"]), place)
    taken = {row[column] for row in rows} if column in ("seq", "position") else set()
    if changed in taken or changed == rows[position - 1][column]:
        return
    rows[position - 1][column] = changed
    try:
        sealed.put_back(rows)
        fault = sealed.verify().fault
        assert fault is not None
        assert fault.position == position or (column == "position" and fault.position <= position)
    finally:
        sealed.put_back(before)
    assert sealed.verify().fault is None


def _other_moment(text: str, place: int) -> str:
    last = text[-1]
    return text[:-1] + str((int(last) + 1 + place % 9) % 10)


@given(st.integers(1, ENTRIES - 1))
def test_a_missing_entry_is_named(sealed: Book, position: int) -> None:
    before = sealed.rows()
    try:
        sealed.put_back([row for row in before if row["position"] != position])
        assert str(sealed.verify().fault) == f"entry {position}: is missing"
    finally:
        sealed.put_back(before)


@given(st.permutations(range(ENTRIES)))
def test_another_order_is_found_at_its_first_place(sealed: Book, order: list[int]) -> None:
    before = sealed.rows()
    rows = [before[place] | {"position": number} for number, place in enumerate(order, 1)]
    moved = [number for number, place in enumerate(order, 1) if place != number - 1]
    try:
        sealed.put_back(rows)
        fault = sealed.verify().fault
        assert (fault.position if fault else None) == (moved[0] if moved else None)
    finally:
        sealed.put_back(before)


@given(st.integers(1, ENTRIES))
def test_an_entry_put_in_with_a_sound_hash_is_found(sealed: Book, position: int) -> None:
    """The forger knows how hashes are made; those who come after still name the one before."""
    before = sealed.rows()
    with sealed.db.read() as session:
        columns = LedgerEntry.__table__.columns
        entry = session.execute(
            select(*columns).where(LedgerEntry.position == position)
        ).mappings().one()  # fmt: skip
    forged = dict(entry) | {"acts": entry["acts"].replace("insert", "update")}
    hash_ = hash_of(forged, position, str(entry["prev"]))
    rows = [dict(row) for row in before]
    rows[position - 1] |= {"acts": forged["acts"], "hash": hash_}
    try:
        sealed.put_back(rows)
        fault = sealed.verify().fault
        if position == ENTRIES:
            assert fault is None  # the last one: nothing follows, only a signed head shows it
        else:
            assert fault is not None and fault.position == position + 1
            assert "does not follow" in fault.what
    finally:
        sealed.put_back(before)


def test_a_signed_head_shows_a_rewritten_end(book: Book) -> None:
    for _ in range(3):
        book.write("office-1")
    book.loop.finish()
    rows = book.rows()
    with book.db.read() as session:
        columns = LedgerEntry.__table__.columns
        last = session.execute(select(*columns).where(LedgerEntry.position == 3)).mappings().one()
    forged = dict(last) | {"acts": "[]"}
    hash_ = hash_of(forged, 3, str(last["prev"]))
    book.tamper("UPDATE ledger_entry SET acts = '[]', hash = :hash WHERE position = 3", hash=hash_)
    assert "another hash was signed there" in str(book.verify().fault)
    book.put_back(rows[:2])
    assert str(book.verify().fault).startswith("entry 3: is missing: a head was signed there")
    book.put_back(rows)
    assert book.verify().fault is None
    book.tamper("UPDATE ledger_head SET signature = :other", other="B" * 86 + "==")
    assert "not signed with this service's key" in str(book.verify().fault)


def test_many_writers_at_once_leave_one_chain(book: Book) -> None:
    """Sealing goes on meanwhile, by two workers at once."""
    stop, failures = threading.Event(), []

    def run(what: object) -> None:
        try:
            what()  # type: ignore[operator]
        except Exception as error:
            failures.append(error)

    def write() -> None:
        for number in range(25):
            book.write(f"office-{number}")

    def seal() -> None:
        while not stop.is_set():
            book.seal()

    writers = [threading.Thread(target=run, args=(write,)) for _ in range(4)]
    sealers = [threading.Thread(target=run, args=(seal,)) for _ in range(2)]
    for thread in (*sealers, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sealers:
        thread.join()
    book.seal()
    assert failures == []
    assert book.verify().entries == 100
    assert book.verify().fault is None


def test_a_rolled_back_transaction_leaves_no_entry(book: Book) -> None:
    with pytest.raises(ZeroDivisionError), book.db.write() as session:
        session.add(Exclusion(petition_id=uuid4(), unit="office-2"))
        session.flush()
        raise ZeroDivisionError
    assert book.rows() == []


def test_heads_are_signed_every_ten_minutes_and_only_when_something_changed(book: Book) -> None:
    def heads() -> int:
        with book.db.read() as session:
            return len(session.scalars(select(LedgerHead)).all())

    with clock.travel(datetime(2026, 11, 24, 2, tzinfo=UTC)) as move:
        book.seal()
        assert heads() == 0
        book.write("office-1")
        book.seal()
        assert heads() == 1
        book.write("office-1")
        book.seal()
        assert heads() == 1
        move(timedelta(minutes=10))
        book.seal()
        assert heads() == 2
        move(timedelta(minutes=10))
        book.seal()
        assert heads() == 2  # its own event is no change
        book.write("office-1")
        book.loop.finish()
        assert heads() == 3
    assert book.verify().fault is None


KILLED = """
import os, signal, sys
from pathlib import Path
from uuid import uuid4
from shared.db.engine import Database
from shared.identity.keys import Keys
from shared.identity.recusal import Exclusion
from shared.ledger.digests import Digests
db = Database(sys.argv[1], agency="local", ledger=Digests(Keys(Path(sys.argv[2]), "local", "intake")))
with db.write() as session:
    session.add(Exclusion(petition_id=uuid4(), unit="office-1"))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_committed_before_a_kill_is_chained_after_it(book: Book) -> None:
    book.write("office-1")
    book.seal()
    url = book.db.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", KILLED, url, str(keys_for("local"))]
    assert subprocess.run(command, cwd=Path(__file__).parents[2]).returncode == -signal.SIGKILL
    assert [row["position"] for row in book.rows() if row["position"]] == [1]
    book.seal()
    verdict = book.verify()
    assert (verdict.entries, verdict.fault) == (2, None)
