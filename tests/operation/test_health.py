"""What `/health` says, and that it says no more."""

from pathlib import Path

import pytest
from sqlalchemy import text

from services import all_services
from tests.ground import Ground, settings_for


@pytest.mark.parametrize("name", [service.name for service in all_services()])
def test_ready_and_no_more(stepped: Ground, name: str) -> None:
    answer = stepped.client(name, None).get("/health/ready")
    assert (answer.status_code, answer.json) == (200, {"service": name, "status": "ok"})


def test_not_before_the_migrations(tmp_path: Path) -> None:
    with Ground(settings_for(tmp_path)) as ground:
        client = ground.client("intake", None)
        assert client.get("/health/live").status_code == 200
        answer = client.get("/health/ready")
        assert (answer.status_code, answer.json["status"]) == (503, "migrations")


def test_a_database_newer_than_this_process_is_no_reason(stepped: Ground) -> None:
    """During an upgrade the old processes go on beside the new ones."""
    with stepped.instance("intake").db.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'newer'"))
    assert stepped.client("intake", None).get("/health/ready").status_code == 200
