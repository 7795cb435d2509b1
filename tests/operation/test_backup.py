"""A backup of the one-process installation under load, and what backup and restore refuse."""

import dataclasses
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from shared.backup import manifest
from shared.backup.restore import GAP, restore
from shared.backup.take import take_backup
from shared.db.inbox import Inbox
from shared.db.outbox import Outbox
from shared.errors import SettingError
from shared.runtime.cli import main
from shared.runtime.settings import Settings
from tests.bus.station import until
from tests.chaos.agreement import check_agreement
from tests.factories import new_petition
from tests.ground import Ground, clear_memory_bus, settings_for
from tests.operation.load import Load
from tests.operation.moment import check_one_moment


def back_up(ground: Ground, folder: Path) -> manifest.Manifest:
    return take_backup(list(ground.composed.instances.values()), folder)


def put_back(ground: Ground, folder: Path, *, replace: bool = False) -> manifest.Manifest:
    instances = list(ground.composed.instances.values())
    return restore(instances, folder, replace=replace, say=lambda _line: None)


def asking(ground: Ground) -> Callable[[str, str, dict[str, Any]], tuple[int, Any]]:
    client = ground.client("intake", "clerk-1")

    def ask(method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        answer = client.open(path, method=method, json=body)
        return answer.status_code, answer.json

    return ask


@pytest.mark.slow
def test_backed_up_under_load_and_restored_after_all_is_lost(together: Ground, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    with Load([asking(together), asking(together)]) as load:
        until(lambda: len(load.accepted) >= 5, "some petitions")
        until(lambda: together.rows("supervision", Inbox), "something that was heard")
        registered, accepted = load.acknowledged()
        back_up(together, folder)
        after = len(load.registered)
        until(lambda: len(load.registered) >= after + 5, "petitions after the backup")
    assert not load.failed, load.failed
    together.stop()
    shutil.rmtree(together.settings.data_dir)
    clear_memory_bus()
    with Ground(together.settings) as again:
        put_back(again, folder)
        assert check_one_moment(again) > 0
        again.start()
        again.settle()
        known = {petition["id"] for petition in _petitions(again)}
        assert registered.keys() <= known, "an acknowledged petition is lost"
        states = {p["id"]: p["state"] for p in _petitions(again)}
        assert all(states[id_] == "accepted" for id_ in accepted), "an acknowledged step is lost"
        check_agreement(again, len(known), sum(state == "accepted" for state in states.values()))
        new_petition(again)  # work goes on: positions, numbers and queues are usable
        again.settle()
        check_agreement(again, len(known) + 1, sum(state == "accepted" for state in states.values()))


def _petitions(ground: Ground) -> list[dict[str, Any]]:
    found, cursor = [], None
    client = ground.client("intake", "clerk-1")
    while True:
        page = client.get(
            "/api/petitions", query_string={"limit": 100, **({"after": cursor} if cursor else {})}
        ).json
        found += page["items"]
        cursor = page.get("next")
        if not cursor:
            return found


def test_a_peer_whose_cursor_stands_at_a_lost_position_misses_nothing(
    stepped: Ground, tmp_path: Path
) -> None:
    new_petition(stepped)
    stepped.carry()
    back_up(stepped, tmp_path / "backup")
    for _ in range(3):
        new_petition(stepped)
    stepped.carry()
    lost = _last_position(stepped)
    put_back(stepped, tmp_path / "backup", replace=True)
    new_petition(stepped)
    stepped.carry()
    with stepped.instance("intake").db.read() as session:
        new = session.scalars(select(Outbox.position).order_by(Outbox.seq.desc()).limit(1)).one()
    assert new is not None and new > lost
    assert GAP < new < 2 * GAP
    check_agreement(stepped, 2, 0)


def _last_position(ground: Ground) -> int:
    with ground.instance("intake").db.read() as session:
        return session.scalar(select(func.max(Outbox.position))) or 0


@pytest.fixture
def backed_up(stepped: Ground, tmp_path: Path) -> Path:
    new_petition(stepped)
    back_up(stepped, tmp_path / "backup")
    return tmp_path / "backup"


def test_what_it_holds_is_for_its_owner_alone(backed_up: Path) -> None:
    assert backed_up.stat().st_mode & 0o077 == 0
    assert all(file.stat().st_mode & 0o077 == 0 for file in backed_up.iterdir() if file.name != manifest.NAME)


def test_keys_and_secrets_are_not_in_it(backed_up: Path, stepped: Ground) -> None:
    secret = stepped.settings.secret_key.encode()
    keys = [path.read_bytes() for path in stepped.settings.signing_keys.glob("*.key")]
    assert keys
    for file in backed_up.iterdir():
        content = file.read_bytes()
        assert secret not in content
        assert not any(key in content for key in keys)


def _alter(folder: Path, **changes: Any) -> None:
    raw = json.loads((folder / manifest.NAME).read_text())
    (folder / manifest.NAME).write_text(json.dumps(raw | changes))


def _alter_intake(folder: Path, **changes: Any) -> None:
    services = json.loads((folder / manifest.NAME).read_text())["services"]
    services["intake"] |= changes
    _alter(folder, services=services)


def _without(folder: Path, service: str) -> None:
    services = json.loads((folder / manifest.NAME).read_text())["services"]
    del services[service]
    _alter(folder, services=services)


def _append(folder: Path) -> None:
    with (folder / "notify.db").open("ab") as file:
        file.write(b"x")


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda f: (f / manifest.NAME).unlink(), "no whole backup"),
        (lambda f: (f / manifest.NAME).write_text("{}"), "cannot be read or was altered"),
        (lambda f: (f / manifest.NAME).write_bytes(b"\xff\xfe{"), "cannot be read or was altered"),
        (lambda f: _alter(f, format=2), "has format 2"),
        (lambda f: _alter(f, surplus=1), "cannot be read or was altered"),
        (lambda f: (f / "intake.db").unlink(), "intake: the file intake.db of the backup is missing"),
        (_append, "notify: the file notify.db is not what was backed up"),
        (lambda f: _alter_intake(f, sha256="0" * 64), "intake: the file intake.db is not what was backed up"),
        (lambda f: _alter(f, agency="elsewhere"), "is of the agency 'elsewhere'"),
        (lambda f: _alter(f, database="postgresql"), "is of postgresql databases"),
        (lambda f: _alter_intake(f, versions=["ffffffffffff"]), "of a newer version"),
        (lambda f: _without(f, "reporting"), "lacks reporting"),
    ],
)
def test_a_backup_that_does_not_fit_is_refused_before_anything_is_touched(
    backed_up: Path, stepped: Ground, spoil: Callable[[Path], Any], complaint: str
) -> None:
    spoil(backed_up)
    with pytest.raises(SettingError, match=complaint):
        put_back(stepped, backed_up, replace=True)
    check = stepped.client("intake", "clerk-1").get("/api/petitions").json
    assert len(check["items"]) == 1


def test_data_are_given_up_only_when_told(backed_up: Path, stepped: Ground) -> None:
    new_petition(stepped)
    with pytest.raises(SettingError, match="not empty. With --replace"):
        put_back(stepped, backed_up)
    assert len(_petitions(stepped)) == 2
    put_back(stepped, backed_up, replace=True)
    assert len(_petitions(stepped)) == 1


def test_a_folder_that_holds_something_is_no_place_for_a_backup(stepped: Ground, tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "file").write_text("kept")
    with pytest.raises(SettingError, match="not empty"):
        back_up(stepped, tmp_path / "backup")
    assert (tmp_path / "backup" / "file").read_text() == "kept"


def test_a_backup_that_breaks_off_leaves_nothing(stepped: Ground, tmp_path: Path) -> None:
    with sqlite3.connect(stepped.settings.data_dir / "reporting.db") as database:
        database.execute("DROP TABLE alembic_version")
    with pytest.raises(SettingError, match="broke off"):
        back_up(stepped, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_a_service_without_a_database_is_named(tmp_path: Path) -> None:
    with (
        Ground(settings_for(tmp_path / "elsewhere")) as ground,
        pytest.raises(SettingError, match="intake has no database under DATA_DIR"),
    ):
        back_up(ground, tmp_path / "backup")


def test_one_address_for_all_services_is_refused(tmp_path: Path) -> None:
    with (
        Ground(settings_for(tmp_path, database_url=f"sqlite:///{tmp_path}/one.db")) as ground,
        pytest.raises(SettingError, match="DATABASE_URL with `{service}`"),
    ):
        back_up(ground, tmp_path / "backup")


def test_the_commands(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("KEYS_DIR", str(settings.signing_keys))
    folder = str(tmp_path / "backup")
    told = CliRunner().invoke(main, ["backup", folder])
    assert told.exit_code == 0, told.output
    assert "5 services as of" in told.output
    assert "SECRET_KEY" in told.output
    assert "whole: 5 services" in CliRunner().invoke(main, ["restore", "--check", folder]).output
    refused = CliRunner().invoke(main, ["restore", folder])
    assert refused.exit_code == 1
    assert "With --replace" in refused.output
    done = CliRunner().invoke(main, ["restore", "--replace", folder])
    assert done.exit_code == 0, done.output
    assert "Now: `huajie migrate`" in done.output


@pytest.mark.postgres
class TestPostgreSQL:
    @pytest.fixture
    def ground(self, postgres: Any, tmp_path: Path) -> Any:
        from uuid import uuid4

        from services import all_services

        run = uuid4().hex[:8]
        for service in all_services():
            postgres.create_database(f"{service.name}_{run}")
        settings = settings_for(tmp_path / "var", database_url=postgres.url(f"{{service}}_{run}"))
        clear_memory_bus()
        with Ground(settings) as ground:
            ground.prepare()
            yield ground

    def test_there_and_back(self, ground: Ground, tmp_path: Path) -> None:
        new_petition(ground)
        ground.carry()
        back_up(ground, tmp_path / "backup")
        new_petition(ground)
        ground.carry()
        put_back(ground, tmp_path / "backup", replace=True)
        ground.carry()
        check_agreement(ground, 1, 0)
        back_up(ground, tmp_path / "second")  # what was restored can be backed up and restored again
        put_back(ground, tmp_path / "second", replace=True)
        check_agreement(ground, 1, 0)

    def test_a_running_installation_is_left_alone(self, ground: Ground, tmp_path: Path) -> None:
        back_up(ground, tmp_path / "backup")
        with Ground(ground.settings) as other, other.instance("notify").db.read() as session:
            session.execute(select(func.count()).select_from(Outbox))
            with pytest.raises(SettingError, match=r"in use, by so many connections: notify \(1\)"):
                put_back(ground, tmp_path / "backup", replace=True)

    def test_the_relay_is_free_again_while_the_dump_goes_on_and_after(
        self, ground: Ground, tmp_path: Path
    ) -> None:
        back_up(ground, tmp_path / "backup")
        new_petition(ground)
        ground.carry()  # would not end if a lock were left behind
        check_agreement(ground, 1, 0)

    def test_programs_that_are_missing_are_named(
        self, ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(SettingError, match="pg_dump is not here: install"):
            back_up(ground, tmp_path / "backup")

    def test_older_programs_are_named(
        self, ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program = tmp_path / "pg_dump"
        program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.1'\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        with pytest.raises(SettingError, match="pg_dump is older than the server"):
            back_up(ground, tmp_path / "backup")

    def test_a_bus_that_does_not_answer_stops_it_before_anything_is_touched(
        self, ground: Ground, tmp_path: Path
    ) -> None:
        new_petition(ground)
        back_up(ground, tmp_path / "backup")
        settings = dataclasses.replace(ground.settings, bus_url="amqp://guest:guest@127.0.0.1:9//")
        with Ground(settings) as apart, pytest.raises(SettingError, match="the bus does not answer"):
            put_back(apart, tmp_path / "backup", replace=True)
        assert len(_petitions(ground)) == 1
