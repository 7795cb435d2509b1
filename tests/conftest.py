"""What every test may ask for: all five services in one process, private servers, and the record of
which events the tests have really put into an outbox.

`together` runs with its loops; `stepped` is the same, moved on by hand. Servers start when first asked for.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from hypothesis import settings as hypothesis_settings

from services import all_services
from shared.ledger.acting import NOBODY, act_as
from shared.runtime.compose import Together
from shared.runtime.settings import Settings
from tests import emitted
from tests.ground import Ground, clear_memory_bus, one_process, settings_for

if TYPE_CHECKING:
    from tests.scanner import ClamAV
    from tests.servers import PostgreSQL, RabbitMQ


# The machine may be busy: how long an example takes says nothing about right or wrong.
hypothesis_settings.register_profile("full", deadline=None)
hypothesis_settings.register_profile("quick", deadline=None, max_examples=15)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "full"))


def pytest_configure(config: pytest.Config) -> None:
    emitted.listen(config)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    emitted.tell_worker(node)


def pytest_sessionfinish(session: pytest.Session) -> None:
    emitted.check_at_the_end(session)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Whoever acted last in this thread was of another test."""
    act_as(*NOBODY)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The five databases migrated and loaded with the county, to be copied: quicker than to migrate."""
    directory = tmp_path_factory.mktemp("prepared")
    together = Together(all_services(), settings_for(directory))
    together.prepare()
    together.stop()
    return directory


@pytest.fixture
def settings(prepared: Path, tmp_path: Path) -> Settings:
    """Settings of the one-process mode with freshly prepared databases."""
    directory = tmp_path / "var"
    shutil.copytree(prepared, directory)
    return one_process(directory)


@pytest.fixture
def together(settings: Settings) -> Iterator[Ground]:
    """All five services, their loops running on the memory bus."""
    clear_memory_bus()
    with Ground(settings) as ground:
        ground.start()
        yield ground


@pytest.fixture
def stepped(settings: Settings) -> Iterator[Ground]:
    """All five services without loops: `carry()` moves everything on, or the test steps by hand."""
    clear_memory_bus()
    with Ground(settings) as ground:
        yield ground


@pytest.fixture(scope="session")
def postgres() -> "Iterator[PostgreSQL]":
    """A private PostgreSQL."""
    from tests.servers import PostgreSQL

    with PostgreSQL(fsync=False) as server:
        yield server


@pytest.fixture(scope="session")
def rabbit() -> "Iterator[RabbitMQ]":
    """A private RabbitMQ."""
    from tests.servers import RabbitMQ

    with RabbitMQ() as server:
        yield server


@pytest.fixture
def scanner() -> "Iterator[ClamAV]":
    """A private virus scanner that knows one sign."""
    from tests.scanner import ClamAV

    with ClamAV(None) as server:
        yield server


@pytest.fixture
def fresh_database(postgres: "PostgreSQL") -> Callable[[], str]:
    """Makes an empty PostgreSQL database and gives its URL."""
    return lambda: postgres.create_database(f"test_{uuid4().hex}")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """On each kind: None for SQLite, or an empty PostgreSQL database."""
    if request.param == "sqlite":
        return None
    url: str = request.getfixturevalue("fresh_database")()
    return url


@pytest.fixture
def vhost(rabbit: "RabbitMQ") -> Iterator[str]:
    """The URL of an empty virtual host, so that one test's queues are nothing to another's."""
    name = f"test-{uuid4().hex[:8]}"
    rabbit.ctl("add_vhost", name)
    rabbit.ctl("set_permissions", "-p", name, "guest", ".*", ".*", ".*")
    yield f"{rabbit.url.removesuffix('/')}{name}"
    rabbit.ctl("delete_vhost", name)


@pytest.fixture
def apart(postgres: "PostgreSQL", vhost: str, tmp_path: Path) -> Iterator[Ground]:
    """All five services on PostgreSQL and RabbitMQ, their loops running, each with its own database."""
    run = uuid4().hex[:8]
    for service in all_services():
        postgres.create_database(f"{service.name}_{run}")
    database_url = postgres.url(f"{{service}}_{run}")
    with Ground(settings_for(tmp_path, database_url=database_url, bus_url=vhost)) as ground:
        ground.prepare()
        ground.start()
        yield ground
