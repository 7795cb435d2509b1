"""`huajie backup` and `huajie restore`."""

from pathlib import Path

import click

from shared.runtime.command import all_instances
from shared.runtime.service import Instance
from shared.runtime.settings import Settings, load_settings

KEPT_APART = (
    "Not in it, and needed with it: SECRET_KEY (or DATA_DIR/secret-key), the signing keys (KEYS_DIR) and the "
    "master key (MASTER_KEY_FILE). Keep them apart from it."
)
FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


@click.command()
@FOLDER
def backup(folder: Path) -> None:
    """Back up the databases of all services at one moment into DIR, while they go on working.

    DATABASE_URL must hold `{service}` in the place of a service's name; passwords that differ stand in a
    PGPASSFILE. What the backup holds is as confidential as the databases are.
    """
    from shared.backup.take import take_backup

    instances = all_instances(load_settings())
    try:
        taken = take_backup(instances, folder)
    finally:
        _close(instances)
    size = sum(part.bytes for part in taken.services.values()) / 1024 / 1024
    click.echo(f"{len(taken.services)} services as of {taken.made_at}, {size:.1f} MB in {folder}")
    click.echo(KEPT_APART)


@click.command()
@FOLDER
@click.option("--replace", is_flag=True, help="Give up what the databases hold now.")
@click.option("--check", is_flag=True, help="Only look whether the backup is whole and unaltered.")
def restore(folder: Path, replace: bool, check: bool) -> None:
    """Put the databases of all services back to the moment of the backup in DIR.

    Stop all services first. What lies in their queues is removed; what was acknowledged after the backup
    is lost.
    """
    from shared.backup import manifest
    from shared.backup.restore import restore as put_back

    if check:
        taken = manifest.read(folder)
        click.echo(f"whole: {len(taken.services)} services as of {taken.made_at}, by version {taken.huajie}")
        return
    settings = load_settings()
    _hold_embedded(settings)
    instances = all_instances(settings)
    try:
        taken = put_back(instances, folder, replace=replace, say=lambda line: click.echo(line))
    finally:
        _close(instances)
    click.echo(f"All services are as of {taken.made_at}. Now: `huajie migrate`, start them, `huajie check`.")


def _close(instances: list[Instance]) -> None:
    for instance in instances:
        instance.db.close()


def _hold_embedded(settings: Settings) -> None:
    if settings.is_embedded and not settings.database_url:
        from shared.runtime.embedded import hold

        hold(settings.data_dir)


COMMANDS = (backup, restore)
