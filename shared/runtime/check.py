"""`huajie check`: looks at everything a service needs and says what to do about what is amiss."""

from collections.abc import Iterator
from contextlib import closing

import httpx
from kombu.exceptions import OperationalError as BusError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared import clock
from shared.bus import topology
from shared.bus.catch_up import producers
from shared.bus.connection import connect
from shared.county import load_county
from shared.db.migrate import FOREIGN, is_foreign, pending
from shared.errors import SettingError
from shared.ledger.heads import alarms
from shared.ledger.models import LedgerCheck
from shared.ledger.watch import OWN
from shared.runtime.peers import peer_client
from shared.runtime.service import Instance
from shared.runtime.tls import SOON
from shared.watching.backlog import backlog

SLOW_SECONDS = 60
ACCESS_REFUSED, NOT_FOUND = 403, 404
REFUSED = "a queue or a right is missing: load the definitions anew (`huajie definitions`)"
CERTIFICATE = "we do not believe each other's certificates: look at TLS_*_FILE on both sides"
Line = tuple[bool, str]


def check_service(instance: Instance) -> Iterator[Line]:
    """One line per thing looked at: whether it is well, and what to do if not."""
    yield _county(instance)
    yield _keys(instance)
    yield from _tls(instance)
    yield from _database(instance)
    yield _bus(instance)
    yield from _peers(instance)
    yield from _sign_in(instance)


def _sign_in(instance: Instance) -> Iterator[Line]:
    settings = instance.settings
    if instance.keeps_sign_in or settings.is_embedded:
        return
    for name, known in (("PEERS", settings.peers), ("NAV_LINKS", settings.nav_links)):
        if settings.sign_in_at not in known:
            yield (
                False,
                f"{name} must name {settings.sign_in_at}, where one signs in (SIGN_IN_AT)",
            )


def _keys(instance: Instance) -> Line:
    try:
        _own = instance.keys.own
    except SettingError as error:
        return False, str(error)
    return True, "signing key is there"


def _tls(instance: Instance) -> Iterator[Line]:
    tls = instance.settings.tls
    if tls is None:
        if instance.settings.bus_url.startswith("amqps"):
            yield True, "TLS: the system's authorities count (TLS_CA_FILE is not set), we show no certificate"
        return
    if complaint := tls.problem():
        yield False, complaint
    elif (until := tls.good_until()) is None:
        yield True, "TLS: we show no certificate (TLS_CERT_FILE is not set)"
    else:
        soon = until - clock.now() < SOON
        yield not soon, f"certificate is good until {until:%Y-%m-%d}{': issue a new one' if soon else ''}"


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
        yield from _ledger(instance)
        if instance.service.check:
            yield from instance.service.check(instance)


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


def _ledger(instance: Instance) -> Iterator[Line]:
    """What the ledger's own watch has found; `huajie ledger verify` looks anew."""
    name = instance.service.name
    with instance.db.read() as session:
        last, wrong = session.get(LedgerCheck, OWN), {head.source for head in alarms(session)}
    if last is not None and last.problem:
        yield False, f"the ledger is broken ({last.problem}): see `huajie ledger verify {name}`"
    for source in sorted(wrong):
        yield False, f"the ledger of {source} is not as it told: see `huajie ledger compare {name}`"


def _bus(instance: Instance) -> Line:
    settings, service = instance.settings, instance.service
    if settings.is_embedded:
        return True, "bus: in memory"
    try:
        with connect(settings.bus_url, settings.tls) as connection:
            connection.ensure_connection(max_retries=1, timeout=5)
            topology.declare(connection, settings.agency, service.name, service.bindings(settings.agency))
    except (OSError, BusError) as error:
        if "CERTIFICATE" in str(error).upper():
            return False, f"bus: {CERTIFICATE}"
        return False, f"bus does not answer ({type(error).__name__}): look at BUS_URL and RabbitMQ"
    except Exception as error:  # AMQP refuses by many exception classes
        if getattr(error, "reply_code", None) in (ACCESS_REFUSED, NOT_FOUND):
            return False, f"bus: {REFUSED}"
        return False, f"bus refused the queues ({type(error).__name__}): an older queue has other arguments?"
    return True, "bus answers, queues are as declared"


def missing_peers(instance: Instance) -> str | None:
    """What PEERS lacks of the services whose events this one handles, and how to set it."""
    producers = {key.split(".")[0] for key in instance.service.keys} - {instance.service.name}
    missing = sorted(producers & set(instance.settings.runs) - set(instance.settings.peers))
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
    partners = [name for name in producers(instance) if name.startswith("/")]
    for name in partners:
        if instance.keys.public_of(name) is None:
            file = f"{name.strip('/').replace('/', '.')}.pub"
            yield False, f"partner {name}: {file} is missing in KEYS_DIR: ask that agency for it"
        else:
            yield _peer(instance, name)


def _peer(instance: Instance, name: str) -> Line:
    try:
        with closing(peer_client(instance, name, seconds=5)) as client:
            live = client.get("/health/live").raise_for_status()
            if live.json().get("service") != name.rpartition("/")[2]:
                return False, f"peer {name}: another service answers there: look at PEERS"
            answer = client.get("/events", params={"limit": 1})
            if answer.status_code == 401:
                return (
                    False,
                    f"peer {name} does not believe us: it needs our .pub in its KEYS_DIR, and the same time",
                )
            answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, AttributeError, SettingError) as error:
        if "CERTIFICATE" in str(error).upper():
            return False, f"peer {name}: {CERTIFICATE}"
        return False, f"peer {name} does not answer ({type(error).__name__}): look at PEERS and that service"
    return True, f"peer {name} answers"
