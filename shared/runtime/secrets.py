"""`huajie secrets`: all that an installation keeps secret, made once, in one folder for each who needs it.

compose.yaml mounts each folder into its own containers, and Kubernetes takes each as one Secret: a service
sees its own database, its own user of the bus and its own signing key, and of the others their public keys.
"""

import json
import secrets
from collections.abc import Sequence
from pathlib import Path

import click

from services import all_services
from shared.bus.definitions import VHOST, definitions, users
from shared.bus.passwords import password_hashes, write_bus_urls
from shared.crypto.master import new_keyring
from shared.errors import SettingError
from shared.identity.authority import issue, make_authority
from shared.identity.keys import make_keys
from shared.runtime import environment as env
from shared.runtime.command import service_named
from shared.runtime.settings import SERVICES, check_agency

BUS, DATABASE = "amqp://rabbitmq:5672", "postgres:5432"  # as compose.yaml names them
READABLE = 0o644  # by the container's user; the folder above lets nobody of the machine in


def make_secrets(
    directory: Path,
    agency: str,
    host: str,
    *,
    names: Sequence[str] = SERVICES,
    bus: str = BUS,
    database: str = DATABASE,
) -> None:
    """Make the folders. `host`: under which browsers reach the installation; the proxy's certificate says it.

    `names`: the services that it runs. `bus`: RabbitMQ's address without user and vhost; `database`:
    PostgreSQL's host and port.

    Raises SettingError where the folder has anything in it.
    """
    if directory.exists() and any(directory.iterdir()):
        raise SettingError(
            f"{directory} is not empty: nothing in it is overwritten, since what was made once opens the "
            "databases and their backups. Name another folder"
        )
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    metrics_token = secrets.token_hex(32)
    keys = directory / "made" / "keys"
    make_keys(keys, agency, names)
    for name in names:
        _write(directory / name / "secret-key", secrets.token_hex(32))
        _write(directory / name / "metrics-token", metrics_token)
        _copy(keys / f"{agency}.{name}.key", directory / name)
        for public in keys.glob("*.pub"):
            _copy(public, directory / name)
    if "intake" in names:
        _write(directory / "intake" / "master-key", new_keyring({}))
    _databases(directory, names, database)
    _bus(directory, agency, names, bus)
    _certificates(directory, host)


def _databases(directory: Path, names: Sequence[str], address: str) -> None:
    _write(directory / "postgres" / "superuser.password", secrets.token_urlsafe(24))
    for name in names:
        password = secrets.token_urlsafe(24)
        _write(directory / "postgres" / f"{name}.password", password)
        _write(directory / name / "database-url", f"postgresql+psycopg://{name}:{password}@{address}/{name}")


def _bus(directory: Path, agency: str, names: Sequence[str], address: str) -> None:
    services = [service for service in all_services() if service.name in names]
    kept = directory / "made" / "bus"
    everyone = users(services, agency, {})
    made = definitions(services, agency, password_hashes(kept, everyone))
    _write(directory / "rabbitmq" / "definitions.json", json.dumps(made, indent=2))
    write_bus_urls(kept, everyone, f"{address}/{VHOST}")
    for name in names:
        _write(directory / name / "bus-url", (kept / f"{agency}.{name}.bus-url").read_text())


def _certificates(directory: Path, host: str) -> None:
    """Of the proxy and of the bus, by an authority for trials."""
    authority = directory / "made" / "authority"
    trusted = make_authority(authority)
    itself = ["127.0.0.1"] if host == "localhost" else []  # as which kombu looks localhost up
    for name in ("proxy", "rabbitmq"):
        certificate = issue(authority, name, [host] if name == "proxy" else ["rabbitmq", host, *itself])
        _write(directory / name / "cert.pem", certificate.read_text())
        _write(directory / name / "key.pem", certificate.with_suffix(".key").read_text())
        _write(directory / name / "ca.pem", trusted.read_text())


def _copy(file: Path, folder: Path) -> None:
    _write(folder / file.name, file.read_text())


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.parent.chmod(0o755)
    path.write_text(text)
    path.chmod(READABLE)


@click.command("secrets")
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--host", required=True, help="Under which browsers reach it, such as petitions.example.")
@click.option("--agency", default="local", show_default=True, help="As AGENCY is set for the services.")
@click.option("--services", default=",".join(SERVICES), show_default=True, help="Those that it runs.")
@click.option("--bus", default=BUS, show_default=True, help="RabbitMQ's address, without user and vhost.")
@click.option("--database", default=DATABASE, show_default=True, help="PostgreSQL's host and port.")
def secrets_command(directory: Path, host: str, agency: str, services: str, bus: str, database: str) -> None:
    """Make all secrets of an installation in containers, once, in DIR, one folder for each who needs them.

    The proxy gets a certificate for trials, to be replaced by one of your own.
    """
    check_agency(agency)
    if not env.is_address(bus, "amqps?"):
        raise click.BadParameter("must look like amqp://rabbitmq:5672", param_hint="--bus")
    if not env.is_address(f"postgresql://{database}", "postgresql"):
        raise click.BadParameter("must look like postgres:5432", param_hint="--database")
    names = [service_named(name.strip()).name for name in services.split(",")]
    make_secrets(directory, agency, host, names=names, bus=bus.rstrip("/"), database=database)
    click.echo(
        f"made in {directory}. Keep a copy of it in a safe place, apart from the backups of the databases: "
        "without master-key no identity, no file and no query code can be opened"
    )


COMMANDS = (secrets_command,)
