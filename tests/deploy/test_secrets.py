"""Each folder of secrets has what its service needs and nothing of another's."""

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from shared.errors import SettingError
from shared.identity.keys import Keys
from shared.runtime.cli import main
from shared.runtime.secrets import make_secrets

SERVICES = ("intake", "assignment", "supervision", "notify", "reporting")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    make_secrets(tmp_path / "secrets", "zhuxi", "petitions.example")
    return tmp_path / "secrets"


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_its_own_key_and_everybodys_public_key(made: Path, name: str) -> None:
    own = made / name
    assert [key.name for key in own.glob("*.key")] == [f"zhuxi.{name}.key"]
    keys = Keys(own, "zhuxi", name)
    signature = keys.sign(b"text")
    for other in SERVICES:
        assert Keys(made / other, "zhuxi", other).has_signed(f"/zhuxi/{name}", signature, b"text")


@pytest.mark.parametrize("name", SERVICES)
def test_no_password_of_one_service_stands_in_the_folder_of_another(made: Path, name: str) -> None:
    private = {(made / name / "database-url").read_text(), (made / name / "bus-url").read_text()}
    for other in set(SERVICES) - {name}:
        assert not private & {file.read_text() for file in (made / other).iterdir()}
    password = (made / "postgres" / f"{name}.password").read_text()
    assert f"//{name}:{password}@postgres:5432/{name}" in (made / name / "database-url").read_text()
    users = [
        user["name"] for user in json.loads((made / "rabbitmq" / "definitions.json").read_text())["users"]
    ]
    assert f"zhuxi.{name}" in users
    assert "guest" not in users


def test_the_master_key_is_for_intake_alone(made: Path) -> None:
    assert [file.parent.name for file in made.rglob("master-key")] == ["intake"]


def test_the_container_may_read_what_the_machines_users_may_not_reach(made: Path) -> None:
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    for name in (*SERVICES, "proxy", "postgres", "rabbitmq"):
        assert {stat.S_IMODE(file.stat().st_mode) for file in (made / name).iterdir()} == {0o644}


def test_nothing_is_made_twice(made: Path) -> None:
    before = {file: file.read_bytes() for file in made.rglob("*") if file.is_file()}
    with pytest.raises(SettingError, match="not empty"):
        make_secrets(made, "zhuxi", "petitions.example")
    answer = CliRunner().invoke(main, ["secrets", str(made), "--host", "petitions.example"])
    assert answer.exit_code == 1
    assert "Name another folder" in answer.output
    assert before == {file: file.read_bytes() for file in made.rglob("*") if file.is_file()}
