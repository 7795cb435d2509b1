"""Bringing master keys into use, changing them while everything runs, and telling a wrong one.

The file holds the keys; the database says which of them wrap something. A key comes into use here and is
retired here, and nowhere else, so that a process with an old file cannot bring a retired one back.
"""

import time
from collections.abc import Iterator

from sqlalchemy import Select, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.intake.identities.models import IndexKey, MasterKey, PetitionKey
from services.intake.identities.vault import INDEX_PLACE, key_place
from shared import clock
from shared.crypto.master import HOW, Keyring, keyring_text, new_keyring, write_keyring
from shared.crypto.suites import SUITES, CannotOpen
from shared.db.base import insert_into
from shared.db.engine import Database
from shared.errors import SettingError
from shared.runtime.service import Instance

PORTION = 200  # keys in one transaction, a few hundredths of a second
CHECK = b"huajie"
PAUSE = 0.2  # seconds, where all keys that are left are in somebody else's transaction


def prepare(instance: Instance) -> None:
    """Make the index key and bring the newest master key into use, in a new database. Safe to repeat.

    Without MASTER_KEY_FILE one is made beside an SQLite database. Raises SettingError for a missing or a
    wrong one.
    """
    ring, settings = instance.master_keys, instance.settings
    with instance.db.write() as session:
        if known(session):
            verify(session, ring)
            return
        own_file = settings.master_key_file is None and settings.database_url is None
        if own_file and not ring.path.exists():
            write_keyring(ring.path, new_keyring({}))
        newest = ring.ids[0]
        bring_into_use(session, ring, newest, settings.cipher_suite)
        suite = SUITES[settings.cipher_suite]
        wrapped = ring.wrap(newest, suite.name, suite.hash_key(), INDEX_PLACE)
        session.add(IndexKey(id=1, suite=suite.name, master_id=newest, wrapped=wrapped))


def known(session: Session) -> list[str]:
    """The ids of the master keys that are in use."""
    return list(session.scalars(select(MasterKey.id).order_by(MasterKey.since, MasterKey.id)))


def verify(session: Session, ring: Keyring) -> None:
    """Raises SettingError where the file lacks a master key that is in use, or has another under its name."""
    ids = ring.ids
    for master in session.scalars(select(MasterKey).order_by(MasterKey.id)):
        if master.id not in ids:
            raise SettingError(
                f"the master key file lacks the key {master.id}, which what is sealed needs: "
                f"put it back. {HOW}"
            )
        try:
            ring.unwrap(master.id, master.check, master.id.encode())
        except CannotOpen:
            raise SettingError(
                f"the master key file has another key under the name {master.id} than the one that sealed: "
                "put the right file back; nothing is lost"
            ) from None


def check(instance: Instance) -> Iterator[tuple[bool, str]]:
    """A line for `huajie check`."""
    try:
        with instance.db.read() as session:
            verify(session, instance.master_keys)
            left, used = count_left(session, instance.master_keys.ids[0]), known(session)
    except SettingError as error:
        yield False, str(error)
        return
    yield (
        bool(used),
        "master key is there" if used else "no master key is in use: run `huajie migrate intake`",
    )
    if left:
        yield False, f"{left} keys are wrapped by an older master key: run `huajie master-key rewrap`"


def verify_own(instance: Instance) -> None:
    """The same for the database of a service. Raises SettingError."""
    with instance.db.read() as session:
        verify(session, instance.master_keys)


def bring_into_use(session: Session, ring: Keyring, id_: str, suite: str) -> None:
    """Let new keys be wrapped by this master key from now on."""
    check = ring.wrap(id_, suite, CHECK, id_.encode())
    session.execute(
        insert_into(session, MasterKey)
        .values(id=id_, check=check, since=clock.now())
        .on_conflict_do_nothing(index_elements=[MasterKey.id])
    )


def add_key(instance: Instance) -> None:
    """Put a new key in front of the file, unless a rotation that was begun is not yet at its end."""
    ring = instance.master_keys
    with instance.db.read() as session:
        verify(session, ring)
        under_way = ring.ids[0] not in known(session) or count_left(session, ring.ids[0])
    if not under_way:
        write_keyring(ring.path, new_keyring(ring.keys))


def rewrap(instance: Instance) -> Iterator[int]:
    """Wrap everything with the newest key of the file, in small transactions; gives how many, one by one.

    Everything else goes on meanwhile. Killed in the middle, it goes on when it is run again.
    """
    db, ring = instance.db, instance.master_keys
    newest = ring.ids[0]
    with db.write() as session:
        verify(session, ring)
        bring_into_use(session, ring, newest, instance.settings.cipher_suite)
        _rewrap_index(session, ring, newest)
    while True:
        done = _portion(db, ring, newest)
        if done:
            yield done
            continue
        with db.read() as session:
            if not count_left(session, newest):
                return
        time.sleep(PAUSE)


def retire(instance: Instance) -> list[str]:
    """Take out of use, and out of the file, all master keys but the newest; gives their ids.

    Raises SettingError where something is still wrapped by them, or the file cannot be written.
    """
    ring = instance.master_keys
    newest = ring.ids[0]
    try:
        with instance.db.write() as session:
            if newest not in known(session):
                raise SettingError("the newest key is not in use yet: run `huajie master-key rewrap` first")
            session.execute(delete(MasterKey).where(MasterKey.id != newest))
    except IntegrityError:
        raise SettingError(
            "something is still wrapped by an older key: run `huajie master-key rewrap` once more"
        ) from None
    keys = ring.keys
    if len(keys) > 1:
        write_keyring(ring.path, keyring_text({newest: keys[newest]}))
    return [id_ for id_ in keys if id_ != newest]


def count_left(session: Session, newest: str) -> int:
    """How many keys are wrapped by another master key than the newest."""
    counted = select(func.count()).select_from(PetitionKey).where(PetitionKey.master_id.in_(_older(newest)))
    index = session.get(IndexKey, 1)
    return (session.scalar(counted) or 0) + int(index is not None and index.master_id != newest)


def _older(newest: str) -> Select[str]:
    return select(MasterKey.id).where(MasterKey.id != newest)


def _rewrap_index(session: Session, ring: Keyring, newest: str) -> None:
    index = session.get_one(IndexKey, 1, with_for_update=True)
    if index.master_id != newest:
        key = ring.unwrap(index.master_id, index.wrapped, INDEX_PLACE)
        index.wrapped, index.master_id = ring.wrap(newest, index.suite, key, INDEX_PLACE), newest


def _portion(db: Database, ring: Keyring, newest: str) -> int:
    with db.write() as session:
        old = select(PetitionKey).where(PetitionKey.master_id.in_(_older(newest))).limit(PORTION)
        rows = session.scalars(old.with_for_update(skip_locked=True)).all()
        for row in rows:
            place = key_place(row)
            key = ring.unwrap(row.master_id or "", row.wrapped or b"", place)
            row.wrapped, row.master_id = ring.wrap(newest, row.suite, key, place), newest
    return len(rows)
