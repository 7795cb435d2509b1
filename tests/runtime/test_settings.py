"""Each setting with a wrong value: the message names the variable, says what to set, quotes no secret."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services import all_services
from shared.errors import SettingError
from shared.runtime.check import check_service, missing_peers
from shared.runtime.service import Instance
from shared.runtime.settings import load_settings, log_level
from tests.ground import SECRET, settings_for

pytestmark = pytest.mark.slow

NAMES = [
    "DATA_DIR",
    "BUS_URL",
    "DATABASE_URL",
    "AGENCY",
    "SECRET_KEY",
    "PEERS",
    "COUNTY_DIR",
    "PUBLIC_URL",
    "PORT",
    "DEMO",
    "SECURE_COOKIES",
    "SMTP_URL",
    "MAIL_FROM",
    "MAX_UPLOAD_MB",
    "MAX_ATTACHMENT_MB",
    "IDENTITIES_KEPT_DAYS",
    "CATCH_UP_SECONDS",
    "POLL_SECONDS",
    "NAV_LINKS",
    "LOG_LEVEL",
    "METRICS_TOKEN",
    "METRICS_PORT",
]


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "name, value, must",
    [
        ("METRICS_TOKEN", "short", "16 characters or more"),
        ("METRICS_PORT", "70000", "whole number from 0 to 65535"),
        ("PORT", "abc", "whole number from 1 to 65535"),
        ("PORT", "99999", "whole number from 1 to 65535"),
        ("MAX_UPLOAD_MB", "-3", "from 1 to"),
        ("MAX_UPLOAD_MB", "1.5", "whole number"),
        ("MAX_ATTACHMENT_MB", "0", "from 1 to"),
        ("IDENTITIES_KEPT_DAYS", "-1", "from 0 to"),
        ("CATCH_UP_SECONDS", "soon", "a number from 1"),
        ("CATCH_UP_SECONDS", "-1", "a number from 1"),
        ("CATCH_UP_SECONDS", "nan", "a number from 1"),
        ("SECURE_COOKIES", "maybe", "1 .on. or 0 .off."),
        ("DEMO", "perhaps", "1 .on. or 0 .off."),
        ("AGENCY", "Zhu Xi", "lower-case letters"),
        ("SECRET_KEY", "secretword", "32 characters or more"),
        ("BUS_URL", "redis://host", "amqp://user:password@host"),
        ("BUS_URL", "amqp://", "amqp://user:password@host"),
        ("BUS_URL", "amqp://user:secretword@host:port/", "amqp://user:password@host"),
        ("DATABASE_URL", "postgres://host/huajie", "postgresql.psycopg://user:password@host"),
        (
            "DATABASE_URL",
            "postgresql+psycopg://user:secretword@host:port/x",
            "postgresql.psycopg://user:passw",
        ),
        ("PUBLIC_URL", "petitions.example", "https://"),
        ("SMTP_URL", "mail.example", "smtp://user:password@host"),
        ("SMTP_URL", "smtp://user:secretword@host:port", "smtp://user:password@host"),
        ("PEERS", "intake", "intake=https://host"),
        ("NAV_LINKS", "intake=host", "intake=https://host"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, must: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError, match=f"{name}.*{must}") as error:
        load_settings()
    assert "secretword" not in str(error.value)


def test_blank_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    before = load_settings()
    for name in NAMES:
        monkeypatch.setenv(name, " ")
    assert load_settings() == before
    assert log_level() == "INFO"


@pytest.mark.parametrize("name", ["BUS_URL", "DATABASE_URL"])
def test_apart_the_secret_must_be_set(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"BUS_URL": "amqp://guest:guest@host//", "DATABASE_URL": "postgresql+psycopg://u@host/{service}"}
    monkeypatch.setenv(name, values[name])
    with pytest.raises(SettingError, match="SECRET_KEY must be set.*openssl rand"):
        load_settings()
    monkeypatch.setenv("SECRET_KEY", SECRET)
    assert values[name] in (load_settings().bus_url, load_settings().database_url)


@pytest.mark.parametrize("value", ["file", "file/below"])
def test_data_that_cannot_be_written(value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("DATA_DIR", str(tmp_path / value))
    with pytest.raises(SettingError, match="DATA_DIR cannot be written.*folder that you may write to"):
        load_settings()


def test_a_log_level_is_one_of_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(SettingError, match="LOG_LEVEL must be one of DEBUG, INFO"):
        log_level()


def test_peers_that_are_lacking_are_named(tmp_path: Path) -> None:
    notify = next(service for service in all_services() if service.name == "notify")
    given = {"intake": "http://127.0.0.1:1", "assignment": "http://127.0.0.1:1"}
    settings = settings_for(tmp_path, bus_url="amqp://guest:guest@127.0.0.1:1//", peers=given)
    complaint = missing_peers(Instance(notify, settings))
    assert complaint is not None
    assert "supervision" in complaint and "intake" not in complaint
    lines = list(check_service(Instance(notify, settings)))
    assert (False, complaint) in lines
    assert any(not ok and line.startswith("peer intake does not answer") for ok, line in lines)
    assert any(not ok and line.startswith("bus does not answer") for ok, line in lines)
    assert [line.split()[0] for ok, line in lines if not ok and "SIGN_IN_AT" in line] == ["NAV_LINKS"]


def huajie(directory: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "shared.runtime", *arguments]
    root = Path(__file__).parents[2]
    base = {"PATH": os.defpath, "PYTHONPATH": str(root), "DATA_DIR": str(directory)}
    return subprocess.run(
        command, cwd=directory, env=base | environment, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    "arguments, environment, says",
    [
        (["parked"], {}, "Choose from:\n\tintake"),
        (["worker", "intake"], {}, "needs RabbitMQ: set BUS_URL"),
        (["parked", "intake"], {}, "`huajie check` says which"),
        (["check"], {"LOG_LEVEL": "loud"}, "LOG_LEVEL must be one of"),
        (["run"], {"PORT": "99999"}, "PORT must be"),
    ],
)
def test_the_command_line_says_what_to_do(
    arguments: list[str], environment: dict[str, str], says: str, tmp_path: Path
) -> None:
    done = huajie(tmp_path, *arguments, **environment)
    assert done.returncode != 0
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_where_a_browser_reaches_a_service(tmp_path: Path) -> None:
    assert settings_for(tmp_path).address_of("intake") == "http://127.0.0.1:8000/intake"
    apart = settings_for(
        tmp_path,
        bus_url="amqp://guest:guest@127.0.0.1:1//",
        public_url="https://intake.example",
        nav_links={"notify": "https://notify.example", "reporting": "/reports"},
    )
    assert apart.address_of("intake") == "https://intake.example"
    assert apart.address_of("notify") == "https://notify.example"
    assert apart.address_of("reporting") == "https://intake.example/reports"
