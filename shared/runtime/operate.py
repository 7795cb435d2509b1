"""Commands for the operator of a running service: what is parked, what is missing, and keys."""

import sys

import click

from shared.identity import cli as identity
from shared.runtime.command import SERVICE, instance_named, need_peers, service_named


@click.command()
@SERVICE
@click.option("--run-again", is_flag=True, help="Give them to the work loop again, with all tries.")
@click.option("--dismiss", metavar="REASON", help="Put them away for good, with the reason.")
@click.option("--id", "ids", multiple=True, help="Only these message ids (else all parked ones).")
def parked(service: str, run_again: bool, dismiss: str | None, ids: tuple[str, ...]) -> None:
    """Show what is parked and why; run it again or put it away."""
    from shared.bus import work
    from shared.web.parked import parked_messages

    instance = instance_named(service)
    with instance.db.write() as session:
        messages = [m for m in parked_messages(session, 100_000) if not ids or m.id in ids]
        for m in messages:
            click.echo(
                f"{m.received_at:%Y-%m-%d %H:%M:%S}Z  {m.type}  {m.source}  {m.id}\n    {m.last_error}"
            )
        keys = [(m.source, m.id) for m in messages]
        if run_again:
            click.echo(f"{work.run_again(session, keys)} run again")
        elif dismiss:
            click.echo(f"{work.dismiss(session, keys, dismiss)} put away")
        else:
            click.echo(f"{len(messages)} parked")


@click.command("catch-up")
@SERVICE
def catch_up(service: str) -> None:
    """Fetch from the peers what the bus did not bring."""
    from shared.bus.catch_up import CatchUp

    instance = instance_named(service)
    need_peers(instance)
    results = CatchUp(instance).run_once()
    for producer, taken in results.items():
        click.echo(f"{producer}: {'no answer' if taken is None else f'{taken} events fetched'}")
    sys.exit(1 if None in results.values() else 0)


@click.command("replay-unrouted")
@SERVICE
def replay_unrouted(service: str) -> None:
    """Offer again the events that no queue wanted."""
    from shared.bus.relay import replay_unrouted

    with instance_named(service).db.write() as session:
        click.echo(f"{replay_unrouted(session)} offered again")


@click.command()
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
def keys(services: tuple[str, ...]) -> None:
    """Make the signing keys that are missing under KEYS_DIR. Without SERVICE: of all five.

    Each service needs its own `.key` and the `.pub` of all others that it talks to.
    """
    from services import all_services
    from shared.identity.keys import make_keys
    from shared.runtime.settings import load_settings

    settings = load_settings()
    names = [service_named(name).name for name in services] or [each.name for each in all_services()]
    made = make_keys(settings.signing_keys, settings.agency, names)
    click.echo(f"{len(made)} made in {settings.signing_keys}: {', '.join(made)}" if made else "all there")


@click.command()
def access() -> None:
    """Print who may use which address, as the code declares it (deploy/access.csv)."""
    from services import all_services
    from shared.runtime.compose import web_app
    from shared.runtime.service import Instance
    from shared.runtime.settings import load_settings
    from shared.web.access_table import as_csv, table

    settings, services = load_settings(), all_services()
    apps = [(each.name, web_app(Instance(each, settings), services)) for each in services]
    click.echo(as_csv(table(apps)), nl=False)


COMMANDS = (parked, catch_up, replay_unrouted, keys, access, *identity.COMMANDS)
