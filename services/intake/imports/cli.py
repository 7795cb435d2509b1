"""`huajie import FILE`: a spreadsheet brought in from the command line, against intake's database."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click
from openpyxl.utils import get_column_letter

from services.intake.imports import queries, terminal
from services.intake.imports.columns import FIELDS, column_label, not_imported
from services.intake.imports.commands import Received, last_confirmed
from services.intake.imports.models import Import, ImportFinding
from services.intake.imports.private import PrivateFolder
from services.intake.imports.rules import DEFAULT_CHANNEL, SCREENED_AS, Choices, State
from shared.contracts.intake import CHANNELS, ORGANS
from shared.county import load_county
from shared.db.migrate import pending
from shared.errors import SettingError
from shared.runtime.service import Instance
from shared.runtime.settings import load_settings

MOST_TOLD = 50


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="FIELD=COLUMN",
    help=f"Which column holds a field; COLUMN is its name or its letter. Fields: {', '.join(FIELDS)}.",
)
@click.option("--channel", type=click.Choice(CHANNELS), default=DEFAULT_CHANNEL, show_default=True)
@click.option("--organ", type=click.Choice(ORGANS), default="commission", show_default=True)
@click.option("--received-on", type=click.DateTime(["%Y-%m-%d"]), help="The day for rows without one.")
@click.option(
    "--accept-as",
    type=click.Choice(SCREENED_AS),
    help="They were screened before: accept all with a township as this category.",
)
@click.option("--by", metavar="POST", help="The clerk's post that imports; default: the county's first.")
@click.option("--refused", "refused_to", type=click.Path(dir_okay=False, path_type=Path),
              help="Write the refused rows with their reasons here, as .xlsx.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Do not ask whether the columns are right.")
def import_file(
    file: Path,
    maps: tuple[str, ...],
    channel: str,
    organ: str,
    received_on: datetime | None,
    accept_as: str | None,
    by: str | None,
    refused_to: Path | None,
    yes: bool,
) -> None:
    """Import petitions from a spreadsheet (.xlsx or .csv) and say what became of each row.

    Ends with 0 also when rows were refused; with 1 when the file cannot be read or the import stopped.
    The same rows are never registered twice, so that it may be repeated.
    """
    instance = _instance()

    def choose(job: Import) -> Choices | None:
        said = dict(_mapped(one, job.header) for one in maps)
        proposed = {field: index for field, index in job.mapping.items() if index not in said.values()}
        day = received_on.date() if received_on else None
        choices = Choices(proposed | said, channel, organ, day, accept_as)
        return choices if _is_right(job, choices, yes) else None

    with PrivateFolder() as folder:
        received = terminal.receive(instance, file, folder.path)
        _tell_if_imported(instance, received)
        job = terminal.begin(instance, received, by=_clerk(instance, by), choose=choose)
    if job is None:
        raise click.Abort()
    done = terminal.run_through(instance, job, click.echo)
    _tell(instance, done)
    click.echo(terminal.summary(instance, done))
    click.echo(f"{instance.settings.address_of('intake')}/imports/{done.id}")
    if refused_to is not None and done.refused:
        _write_refused(instance, done, refused_to)
    if done.state != State.DONE:
        raise click.ClickException(_plain(done.message or "The import was removed meanwhile.", done.params))


def _instance() -> Instance:
    from services.intake.service import SERVICE  # which declares this command

    instance = Instance(SERVICE, load_settings())
    if pending(SERVICE, instance.db):
        raise SettingError("The database of intake is not up to date: run `huajie migrate intake` first.")
    return instance


def _clerk(instance: Instance, wanted: str | None) -> str:
    clerks = [post.code for post in load_county(instance.settings.county_dir).posts if post.role == "clerk"]
    if wanted is not None and wanted not in clerks:
        raise click.BadParameter(f"--by must name a clerk's post: {', '.join(clerks)}")
    return wanted or clerks[0]


def _mapped(one: str, header: list[str]) -> tuple[str, int]:
    """`text=反映内容` or `text=D` as a field and the index of a column."""

    field, separator, column = one.partition("=")
    letters = [get_column_letter(index + 1) for index in range(len(header))]
    for names in (header, letters):
        if separator and column in names:
            return field.strip(), names.index(column)
    raise click.BadParameter(
        f"--map {field}=…: write FIELD=COLUMN with one of the columns "
        + ", ".join(f"{letter} {name}" for letter, name in zip(letters, header, strict=True))
    )


def _is_right(job: Import, choices: Choices, yes: bool) -> bool:
    for field, index in choices.mapping.items():
        click.echo(f"  {field:<22} {column_label(job.header, index)}")
    if ignored := not_imported(job.header, choices.mapping):
        click.echo(f"  not imported: {', '.join(ignored)}")
    if job.other_sheets:
        click.echo(f"  other sheets, not read: {', '.join(job.other_sheets)}")
    return yes or click.confirm("Are the columns right?", default=True)


def _tell_if_imported(instance: Instance, received: Received) -> None:
    with instance.db.read() as session:
        earlier = last_confirmed(session, received.sha256)
    if earlier is not None:
        click.echo(
            f"This very file was imported on {earlier.created_at:%Y-%m-%d %H:%M}Z; its rows will be known."
        )


def _tell(instance: Instance, job: Import) -> None:
    with instance.db.read() as session:
        found = queries.findings_of(job).order_by(ImportFinding.key).limit(MOST_TOLD + 1)
        findings = session.scalars(found).all()
    for each in findings[:MOST_TOLD]:
        text = queries.reason(_plain, each.column, each.message, each.params)
        click.echo(f"  {each.row:>7} {each.severity:<8} {text}")
    if len(findings) > MOST_TOLD:
        click.echo("  … more on the page of the import")


def _write_refused(instance: Instance, job: Import, path: Path) -> None:
    try:
        with instance.db.read() as session:
            count = queries.write_refused(session, job, path, _plain)
    except OSError as error:
        raise click.ClickException(
            "the refused rows cannot be written there: give --refused a file in a folder that you "
            "may write to, or take them from the page of the import"
        ) from error
    click.echo(f"{count} refused rows: {path}")


def _plain(message: str, params: dict[str, Any]) -> str:
    return message % params if params else message
