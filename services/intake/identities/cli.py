"""`huajie master-key`: the master keys of intake's sealed identities and files."""

import click

from services.intake.identities import rotation
from shared.crypto.master import new_keyring
from shared.errors import SettingError
from shared.runtime.command import instance_named
from shared.runtime.service import Instance

DROP_OLD = click.option(
    "--drop-old", is_flag=True, help="Then take the older keys out of use and out of the file."
)


@click.group("master-key")
def master_key() -> None:
    """The master keys that wrap the key of each petition (intake, MASTER_KEY_FILE).

    The file is kept apart from the database and its backups. Losing it loses every identity.
    """


@master_key.command()
def status() -> None:
    """Say which master keys are in use and how much is wrapped by an older one."""
    instance = instance_named("intake")
    with instance.db.read() as session:
        rotation.verify(session, instance.master_keys)
        used, newest = rotation.known(session), instance.master_keys.ids[0]
        left = rotation.count_left(session, newest)
    for id_ in instance.master_keys.ids:
        click.echo(f"{id_}  {'in use' if id_ in used else 'not in use'}{'  newest' if id_ == newest else ''}")
    click.echo(f"{left} keys are wrapped by an older one")


@master_key.command()
def new() -> None:
    """Print a keyring with a new key in front of those that are there, for a secret store."""
    ring = instance_named("intake").master_keys
    click.echo(new_keyring(ring.keys if ring.path.exists() else {}), nl=False)


@master_key.command()
@DROP_OLD
def rotate(drop_old: bool) -> None:
    """Put a new key in front of the file and wrap everything with it, while everything runs.

    Killed in the middle, it goes on where it was when it is run again.
    """
    instance = instance_named("intake")
    rotation.add_key(instance)
    _rewrap(instance, drop_old)


@master_key.command()
@DROP_OLD
def rewrap(drop_old: bool) -> None:
    """Wrap everything with the first key of a file that was changed by hand or by a secret store."""
    _rewrap(instance_named("intake"), drop_old)


def _rewrap(instance: Instance, drop_old: bool) -> None:
    done = 0
    for count in rotation.rewrap(instance):
        done += count
        if done % 10_000 < count:
            click.echo(f"{done} …")
    click.echo(f"{done} keys wrapped anew; everything is under {instance.master_keys.ids[0]} now")
    older = instance.master_keys.ids[1:]
    if not drop_old:
        if older:
            click.echo(
                f"older keys may go once every process has read the new file and no backup that needs them "
                f"is kept: `huajie master-key rewrap --drop-old` ({', '.join(older)})"
            )
        return
    try:
        rotation.retire(instance)
    except SettingError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"dropped: {', '.join(older) or 'none'}")
