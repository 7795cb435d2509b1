"""`huajie check`: looks at everything a service needs and says what to do about what is amiss."""

from collections.abc import Iterator
from contextlib import closing

import httpx
from kombu.exceptions import OperationalError as BusError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared.bus import topology
from shared.bus.consumer import connect
from shared.county import load_county
from shared.db.migrate import FOREIGN, is_foreign, pending
from shared.errors import SettingError
from shared.runtime.peers import peer_client
from shared.runtime.service import Instance
from shared.web.health import backlog

SLOW_SECONDS = 60
Line = tuple[bool, str]


def check_service(instance: Instance) -> Iterator[Line]:
    """One line per thing looked at: whether it is well, and what to do if not."""
    yield _county(instance)
    yield _keys(instance)
    yield from _database(instance)
    yield _bus(instance)
    yield from _peers(instance)


def _keys(instance: Instance) -> Line:
    try:
        _own = instance.keys.own
    except SettingError as error:
        return False, str(error)
    return True, "signing key is there"


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
    if is_foreign(instance.service, instance.db):
        yield False, FOREIGN
    elif pending(instance.service, instance.db):
        yield False, f"database is behind the code: run `huajie migrate {instance.service.name}`"
    else:
        yield True, "database is up to date"
        yield from _backlog(instance)


def _backlog(instance: Instance) -> Iterator[Line]:
    name, settings = instance.service.name, instance.settings
    with instance.db.read() as session:
        waiting = backlog(session)
    if waiting["outbox_oldest_seconds"] > SLOW_SECONDS or waiting["inbox_oldest_seconds"] > SLOW_SECONDS:
        process = "huajie run" if settings.is_embedded else f"huajie worker {name}"
        yield (
            False,
            (
                f"{waiting['outbox_waiting']} events wait to be published and {waiting['inbox_waiting']} to "
                f"be handled, some for over a minute: is `{process}` running, and does the bus answer?"
            ),
        )
    if waiting["parked"]:
        yield False, f"{waiting['parked']} messages are parked: `huajie parked {name}` shows why"


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


def missing_peers(instance: Instance) -> str | None:
    """What PEERS lacks of the services whose events this one handles, and how to set it."""
    producers = {key.split(".")[1] for key in instance.service.bindings} - {instance.service.name}
    missing = sorted(producers - set(instance.settings.peers))
    if not missing:
        return None
    example = ",".join(f"{name}=http://{name}:8000" for name in missing)
    return (
        f"PEERS must name the address of {', '.join(missing)}: without it, what the bus loses cannot be "
        f"fetched again. Set for example PEERS={example}"
    )


def _peers(instance: Instance) -> Iterator[Line]:
    if not instance.settings.is_embedded and (complaint := missing_peers(instance)):
        yield False, complaint
    for name in instance.settings.peers:
        if name != instance.service.name:
            yield _peer(instance, name)


def _peer(instance: Instance, name: str) -> Line:
    try:
        with closing(peer_client(instance, name, seconds=5)) as client:
            live = client.get("/health/live").raise_for_status()
            if live.json().get("service") != name:
                return False, f"peer {name}: another service answers there: look at PEERS"
            answer = client.get("/events", params={"limit": 1})
            if answer.status_code == 401:
                return (
                    False,
                    f"peer {name} does not believe us: it needs our .pub in its KEYS_DIR, and the same time",
                )
            answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, AttributeError) as error:
        return False, f"peer {name} does not answer ({type(error).__name__}): look at PEERS and that service"
    return True, f"peer {name} answers"
