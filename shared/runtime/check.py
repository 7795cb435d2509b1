"""`huajie check`: looks at everything a service needs and says what to do about what is amiss."""

from collections.abc import Iterator

import httpx
from kombu.exceptions import OperationalError as BusError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared.bus import topology
from shared.bus.consumer import connect
from shared.county import load_county
from shared.db.migrate import pending
from shared.errors import SettingError
from shared.runtime.service import Instance

Line = tuple[bool, str]


def check_service(instance: Instance) -> Iterator[Line]:
    """One line per thing looked at: whether it is well, and what to do if not."""
    yield _county(instance)
    yield from _database(instance)
    yield _bus(instance)
    yield from _peers(instance)


def _county(instance: Instance) -> Line:
    try:
        county = load_county(instance.settings.county_dir)
    except SettingError as error:
        return False, str(error)
    return True, f"county {county.name}, {len(county.townships)} townships"


def _database(instance: Instance) -> Iterator[Line]:
    try:
        with instance.db.read() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        yield False, f"database does not answer ({type(error).__name__}): look at DATABASE_URL and the server"
        return
    yield True, f"database answers ({instance.db.engine.dialect.name})"
    if pending(instance.service, instance.db):
        yield False, f"database is behind the code: run `huajie migrate {instance.service.name}`"
    else:
        yield True, "database is up to date"


def _bus(instance: Instance) -> Line:
    settings, service = instance.settings, instance.service
    if settings.is_embedded:
        return True, "bus: in memory"
    try:
        with connect(settings.bus_url) as connection:
            connection.ensure_connection(max_retries=1, timeout=5)
            topology.declare(connection, settings.agency, service.name, service.bindings)
    except (OSError, BusError) as error:
        return False, f"bus does not answer ({type(error).__name__}): look at BUS_URL and RabbitMQ"
    except Exception as error:  # AMQP refuses by many exception classes
        return False, f"bus refused the queues ({type(error).__name__}): an older queue has other arguments?"
    return True, "bus answers, queues are as declared"


def _peers(instance: Instance) -> Iterator[Line]:
    for name, url in instance.settings.peers.items():
        try:
            httpx.get(f"{url}/health/live", timeout=5).raise_for_status()
            yield True, f"peer {name} answers"
        except httpx.HTTPError as error:
            yield False, f"peer {name} does not answer ({type(error).__name__}): look at PEERS"
