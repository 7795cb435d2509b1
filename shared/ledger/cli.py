"""`huajie ledger`: verify a ledger, read it, compare it with the others, put an alarm away."""

import sys
from datetime import datetime

import click

from shared.errors import SettingError
from shared.runtime.command import SERVICE, instance_named
from shared.runtime.service import Instance

SOURCE = click.argument("source", metavar="/AGENCY/SERVICE")
STRAYS_SHOWN = 100


@click.group()
def ledger() -> None:
    """The ledger of a service: every change, every read of an identity, every issued document."""


@ledger.command()
@SERVICE
@click.option("--rows", is_flag=True, help="Compare every row with what the ledger said last of it, too.")
def verify(service: str, rows: bool) -> None:
    """Walk the chain and name its first broken entry; ends with 1 where one is."""
    from shared.ledger.rows import check_rows
    from shared.ledger.verify import check_chain

    instance = instance_named(service)
    verdict = check_chain(instance.db, instance.keys)
    if verdict.fault:
        click.echo(f"{service}: broken. {verdict.fault}", err=True)
        sys.exit(1)
    click.echo(f"{service}: {verdict.entries} entries, each sound and in its place")
    if not rows:
        return
    count = 0
    for count, stray in enumerate(check_rows(instance), 1):
        if count <= STRAYS_SHOWN:
            click.echo(f"{service}: {stray}", err=True)
    click.echo(f"{service}: {count} rows are not as the ledger says" if count else f"{service}: rows as said")
    sys.exit(1 if count else 0)


@ledger.command()
@SERVICE
@click.option("--subject", metavar="ID", help="Only what is about this petition, case or document.")
@click.option("--actor", metavar="POST", help="Only what this post (or /AGENCY/SERVICE) did.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only from this day on.")
def show(service: str, subject: str | None, actor: str | None, since: datetime | None) -> None:
    """Print who did what and when, oldest first."""
    from shared import clock
    from shared.ledger.show import acts

    with instance_named(service).db.read() as session:
        for act in acts(session, subject=subject, actor=actor, since=since.date() if since else None):
            place = act.position if act.position else "not yet chained"
            click.echo(f"{place}  {act.at.astimezone(clock.COUNTY_ZONE):%Y-%m-%d %H:%M:%S}  "
                       f"{act.actor}  {act.action}")  # fmt: skip
            for kind, about in act.notes:
                click.echo(f"    {kind} {about}")
            for table, key, operation, digest, *matter in act.changes:
                of = f" of {matter[0]}" if matter else ""
                click.echo(f"    {operation} {table} {key}{of}  {digest[:16]}")


@ledger.command()
@SERVICE
def compare(service: str) -> None:
    """Compare the other services' ledgers with the heads kept here; ends with 1 where one differs."""
    from shared.ledger.watch import compare, sources

    instance = instance_named(service)
    heard = sources(instance)
    if not heard:
        click.echo(f"{service}: no head of another ledger was heard yet")
    bad = False
    for source in heard:
        problem = compare(instance, source)
        click.echo(f"{source}: {problem or 'as it told'}", err=bool(problem))
        bad = bad or bool(problem)
    for line in _alarms(instance):
        click.echo(line, err=True)
        bad = True
    sys.exit(1 if bad else 0)


@ledger.command()
@SERVICE
@SOURCE
@click.option("--reason", required=True, help="Why it may be put away; kept with it.")
def acknowledge(service: str, source: str, reason: str) -> None:
    """Put away what SERVICE knows of another's ledger, which is compared from here on anew.

    For one that went back to a backup for a good reason. That it was done is on the ledger of SERVICE.
    """
    from shared.ledger import heads
    from shared.ledger.gather import note

    with instance_named(service).db.write() as session:
        count = heads.acknowledge(session, source, reason)
        if not count:
            raise SettingError(f"{service} keeps no head of {source}: `huajie ledger compare` names them")
        note(session, "ledger.acknowledged", source)
    click.echo(f"{source}: {count} heads put away")


@ledger.command()
@SERVICE
def restored(service: str) -> None:
    """Declare that this service's database went back to a backup. Tells the others at once."""
    from shared.ledger.chain import last_sealed
    from shared.ledger.gather import note
    from shared.ledger.loop import LedgerLoop

    instance = instance_named(service)
    with instance.db.write() as session:
        position, _hash = last_sealed(session)
        note(session, "ledger.restored", position)
    LedgerLoop(instance.db, instance.digests, service).finish()
    click.echo(
        f"{service}: declared at entry {position}. The others raise an alarm now; there, put it away with "
        f"`huajie ledger acknowledge SERVICE {instance.keys.source} --reason …`"
    )


@ledger.command()
@SERVICE
def state(service: str) -> None:
    """Write down anew what every row holds: after a new signing key or a repair by hand."""
    from shared.ledger.state import state_rows

    click.echo(f"{service}: {state_rows(instance_named(service))} rows stated")


def _alarms(instance: Instance) -> list[str]:
    from shared.ledger.heads import PROBLEMS, alarms

    with instance.db.read() as session:
        return [
            f"{head.source}: ALARM at entry {head.position}: {PROBLEMS[head.problem or '']}"
            for head in alarms(session)
        ]
