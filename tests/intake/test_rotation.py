"""The master key is changed while people write and read, killed in the middle, and the old one dropped."""

import json
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event
from uuid import UUID, uuid4

import pytest

from services.intake.identities import rotation
from services.intake.identities.models import Identity, IndexKey, MasterKey, PetitionKey
from services.intake.identities.rules import Person, Purpose
from services.intake.identities.vault import vault_of
from services.intake.registration.codes import find_by_code
from services.intake.registration.commands import register
from services.intake.registration.rules import NewPetition
from services.intake.service import SERVICE
from shared import clock
from shared.county import load_county
from shared.crypto.master import keyring_text, new_keyring, write_keyring
from shared.errors import SettingError, Unavailable
from shared.runtime.check import check_service
from shared.runtime.compose import prepare
from shared.runtime.service import Instance
from tests.factories import new_petition
from tests.ground import Ground, clear_memory_bus, settings_for

NAME = "印记甲某"


@pytest.fixture
def instance(tmp_path: Path, database_url: str | None) -> Instance:
    """An intake with a keyring of its own."""
    changes = {"master_key_file": tmp_path / "ring" / "master-key", "database_url": database_url}
    write_keyring(tmp_path / "ring" / "master-key", new_keyring({}))
    made = Instance(SERVICE, settings_for(tmp_path, **changes))
    prepare(made)
    return made


def add(instance: Instance, vault_from: Instance | None = None) -> tuple[UUID, str]:
    """Register a petition; its id and code."""
    new = NewPetition(
        channel="web",
        text="路灯坏了",
        received_on=clock.today(),
        petition_id=uuid4(),
        person=Person(name=NAME, phone="13800000000"),
    )
    vault = vault_of(vault_from or instance)
    with instance.db.write() as session:
        done = register(session, new, by="portal", county=load_county(), vault=vault)
    assert done.code
    return done.petition.id, done.code


def names(instance: Instance) -> set[str]:
    """The names of everyone, opened."""
    vault, found = vault_of(instance), set()
    with instance.db.read() as session:
        for one in session.query(Identity):
            opened = vault.unseal(session, one.petition_id, Purpose.PERSON, one.place, one.sealed)
            assert opened is not None
            found.add(json.loads(opened)["name"])
    return found


def rotate(instance: Instance) -> int:
    rotation.add_key(instance)
    return sum(rotation.rewrap(instance))


def test_it_is_changed_while_people_write_and_read(instance: Instance) -> None:
    codes = [add(instance) for _ in range(rotation.PORTION + 5)]
    stop = Event()
    writer, reader = (Instance(SERVICE, instance.settings) for _ in range(2))

    def write() -> int:
        written = 0
        while not stop.is_set():
            codes.append(add(writer))
            written += 1
        return written

    def read() -> int:
        looks = 0
        while not stop.is_set():
            assert names(reader) == {NAME}
            looks += 1
        return looks

    before = instance.master_keys.ids
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(write), pool.submit(read)]
        try:
            assert rotate(instance) >= rotation.PORTION + 5
        finally:
            stop.set()
        assert all(each.result(60) for each in running)
    list(rotation.rewrap(instance))
    assert rotation.retire(instance) == before
    assert instance.master_keys.ids != before and len(instance.master_keys.ids) == 1
    fresh = Instance(SERVICE, instance.settings)
    assert names(fresh) == {NAME}
    with fresh.db.read() as session:
        hashes = vault_of(fresh).hashes(session)
        assert {key.master_id for key in session.query(PetitionKey)} == set(instance.master_keys.ids)
        found = {code: find_by_code(session, code, hashes) for _id, code in codes}
        assert {code: p.id for code, p in found.items() if p} == {code: id_ for id_, code in codes}


def test_killed_in_the_middle_it_goes_on(instance: Instance) -> None:
    for _ in range(2 * rotation.PORTION + 1):
        add(instance)
    rotation.add_key(instance)
    half = rotation.rewrap(instance)
    assert next(half) == rotation.PORTION
    half.close()
    with pytest.raises(SettingError, match="still wrapped"):
        rotation.retire(instance)
    ids = instance.master_keys.ids
    assert rotate(instance) == rotation.PORTION + 1  # no third key: the rotation that was begun goes on
    assert instance.master_keys.ids == ids
    rotation.retire(instance)
    assert names(instance) == {NAME}


def test_a_retired_key_cannot_come_back(instance: Instance) -> None:
    add(instance)
    old = instance.master_keys.keys
    rotate(instance)
    rotation.retire(instance)
    stale = instance.settings.data_dir / "stale"
    write_keyring(stale, keyring_text(old))  # a process that still sees the former file
    late = Instance(SERVICE, replace(instance.settings, master_key_file=stale))
    with pytest.raises(Unavailable):
        add(instance, vault_from=late)
    with instance.db.read() as session:
        assert session.query(PetitionKey).count() == 1


@pytest.mark.parametrize("what", ["missing", "another", "renamed"])
def test_a_wrong_master_key_is_said_and_nothing_is_lost(stepped: Ground, tmp_path: Path, what: str) -> None:
    petition = new_petition(stepped)
    wrong = tmp_path / "wrong"
    (id_,) = stepped.instance("intake").master_keys.ids
    if what == "another":
        write_keyring(wrong, new_keyring({}))
    elif what == "renamed":
        write_keyring(wrong, keyring_text({id_: b"x" * 32}))
    right = stepped.settings
    clear_memory_bus()
    with Ground(replace(right, master_key_file=wrong)) as ground:
        clerk = ground.client("intake", "clerk-1")
        path = f"/api/petitions/{petition['id']}/identity"
        answer = clerk.post(path, json={"reason": "电话核实情况"})
        assert answer.status_code == 503 and "Tell the operator" in answer.json["detail"]
        posted = ground.client("intake", None).post("/api/portal/petitions", json={"text": "路灯"})
        assert posted.status_code == 503
        said = [line for ok, line in check_service(ground.instance("intake")) if not ok]
        assert any("master key" in line for line in said), said
        with pytest.raises(SettingError, match="master key"):
            prepare(ground.instance("intake"))
    with Ground(right) as ground:
        clerk = ground.client("intake", "clerk-1")
        path = f"/api/petitions/{petition['id']}/identity"
        assert clerk.post(path, json={"reason": "电话核实情况"}).json["people"][0]["name"] == "甲某"


def test_the_suite_of_a_petition_stays_its_own(instance: Instance) -> None:
    add(instance)
    sm = Instance(SERVICE, replace(instance.settings, cipher_suite="sm"))
    add(sm)
    with instance.db.read() as session:
        assert {key.suite for key in session.query(PetitionKey)} == {"aes", "sm"}
        first, second = session.query(Identity)
        assert first.phone_hash == second.phone_hash
    rotate(instance)
    assert names(instance) == {NAME}


def test_rows_cannot_be_swapped(stepped: Ground) -> None:
    one, two = (new_petition(stepped, person={"name": name, "phone": "1"}) for name in ("甲", "乙"))
    with stepped.instance("intake").db.write() as session:
        first, second = (session.get_one(Identity, (UUID(p["id"]), 0)) for p in (one, two))
        first.sealed, second.sealed = second.sealed, first.sealed
    clerk = stepped.client("intake", "clerk-1")
    answer = clerk.post(f"/api/petitions/{one['id']}/identity", json={"reason": "电话核实情况"})
    assert answer.status_code == 503 and "乙" not in answer.text


def test_nothing_of_who_it_is_lies_in_the_files_of_the_database(stepped: Ground) -> None:
    person = {
        "name": "印记甲某",
        "phone": "13912345678",
        "id_number": "42032419700101123X",
        "address": "印记巷",
    }
    petition = new_petition(stepped, person=person)
    intake = stepped.instance("intake")
    with intake.db.read() as session:
        wrapped = session.get_one(PetitionKey, (UUID(petition["id"]), "person")).wrapped
    assert wrapped
    files = [path for path in stepped.settings.data_dir.iterdir() if path.name.startswith("intake.db")]
    assert len(files) > 1  # the database and what was written ahead
    for path in files:
        content = path.read_bytes()
        assert not [
            v for v in person.values() if v.encode() in content or json.dumps(v).encode()[1:-1] in content
        ]
    erased = stepped.client("intake", "head").post(
        f"/api/petitions/{petition['id']}/identity/erasure", json={"reason": "依申请删除"}
    )
    assert erased.status_code == 204
    intake.db.close()
    database = str(stepped.settings.data_dir / "intake.db")
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    assert wrapped not in Path(database).read_bytes()


def test_a_new_database_without_settings_gets_a_key_of_its_own(tmp_path: Path) -> None:
    made = Instance(SERVICE, settings_for(tmp_path, master_key_file=None))
    prepare(made)
    assert os.stat(tmp_path / "master-key").st_mode & 0o777 == 0o600
    prepare(made)
    with made.db.read() as session:
        assert session.query(MasterKey).count() == session.query(IndexKey).count() == 1


@pytest.mark.postgres
def test_beside_postgresql_a_key_is_not_made_by_itself(
    fresh_database: Callable[[], str], tmp_path: Path
) -> None:
    made = Instance(SERVICE, settings_for(tmp_path, master_key_file=None, database_url=fresh_database()))
    with pytest.raises(SettingError, match="huajie master-key new"):
        prepare(made)
