"""`huajie definitions`: RabbitMQ's users, rights, queues and links, as the services declare them."""

import json
import os
from pathlib import Path

import click

from services import all_services
from shared.bus.definitions import VHOST, definitions, users
from shared.bus.federation import Link
from shared.bus.passwords import password_hashes, write_bus_urls
from shared.errors import SettingError
from shared.runtime import environment as env
from shared.runtime.command import service_named
from shared.runtime.settings import check_agency, load_settings

PATH = click.Path(path_type=Path, dir_okay=False)


@click.command("definitions")
@click.option(
    "--passwords",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the passwords stand, one <user>.password each; those that are missing are made.",
)
@click.option(
    "--partner", "partners", multiple=True, metavar="AGENCY=SERVICE,…", help="An agency that shares this bus."
)
@click.option(
    "--link",
    "links",
    multiple=True,
    metavar="AGENCY=FILE",
    help="An agency with a broker of its own; FILE holds the address at which that takes us in.",
)
@click.option("--vhost", default=VHOST, show_default=True)
@click.option("--bus-address", metavar="URL", help="amqps://HOST:5671: also write <user>.bus-url files.")
@click.option("--out", type=PATH, help="Write to this file instead; needed with --link, which has passwords.")
def definitions_command(
    folder: Path,
    partners: tuple[str, ...],
    links: tuple[str, ...],
    vhost: str,
    bus_address: str | None,
    out: Path | None,
) -> None:
    """Print the definitions that RabbitMQ loads, for the agency that AGENCY names.

    Load them with `rabbitmqctl import_definitions FILE`, or at boot (load_definitions in rabbitmq.conf).
    Passwords are in them as salted hashes only.
    """
    if links and out is None:
        raise click.UsageError("--link puts a password into the definitions: give --out FILE")
    if bus_address and not env.is_address(bus_address, "amqps?"):
        raise click.BadParameter("must look like amqps://rabbitmq:5671", param_hint="--bus-address")
    agency, services = load_settings().agency, all_services()
    sharing = {_agency(name): _services(runs) for name, runs in map(_pair, partners)}
    joined = [Link(_agency(name), _address(Path(file))) for name, file in map(_pair, links)]
    names = users(services, agency, sharing, joined)
    if len(set(names)) < len(names):
        raise click.UsageError("an agency is named twice: each once, and AGENCY itself not at all")
    hashes = password_hashes(folder, names)
    made = definitions(services, agency, hashes, partners=sharing, links=joined, vhost=vhost)
    if bus_address:
        write_bus_urls(folder, names, f"{bus_address.rstrip('/')}/{vhost}")
    text = json.dumps(made, indent=2)
    if out is None:
        click.echo(text)
        return
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    click.echo(f"{out}: {len(names)} users; their passwords are in {folder}")


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not value:
        raise click.BadParameter(f"{text!r} must look like AGENCY=…")
    return name, value


def _agency(name: str) -> str:
    check_agency(name)
    return name


def _services(text: str) -> list[str]:
    return [service_named(name.strip()).name for name in text.split(",")]


def _address(file: Path) -> str:
    try:
        address = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{file} cannot be read ({type(error).__name__})") from error
    if not env.is_address(address, "amqps?"):
        raise SettingError(f"{file} must hold an address such as amqps://user:password@host:5671/{VHOST}")
    return address


COMMANDS = (definitions_command,)
