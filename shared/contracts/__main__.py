"""The contract tools on the command line: `python -m shared.contracts --help`.

`check` and `list` need only shared/contracts; `publish` also reads the services, for who hears what.
"""

import importlib
import sys
from collections.abc import Iterable
from typing import Any, BinaryIO

import click

from shared.contracts.check import Verdict, check
from shared.contracts.json_schema import NotExpressible
from shared.contracts.registry import all_contracts


@click.group()
def main() -> None:
    """The events that the services exchange: list them, publish them, check a message."""


@main.command("check")
@click.argument("files", nargs=-1, required=True, type=click.File("rb"), metavar="FILE...")
def check_command(files: tuple[BinaryIO, ...]) -> None:
    """Say whether each FILE holds right messages (`-`: standard input); exit 1 if one does not.

    A FILE holds one message, a JSON list of messages, or one message a line.
    """
    all_right = True
    for file in files:
        name = getattr(file, "name", "-")
        name = "standard input" if name in ("-", "<stdin>") else name
        for verdict in check(file.read()):
            all_right = all_right and not verdict.problems
            _print_verdict(name, verdict)
    sys.exit(0 if all_right else 1)


def _print_verdict(name: str, verdict: Verdict) -> None:
    title = f"{name}, {verdict.label}" if verdict.label else name
    of = f" ({verdict.type})" if verdict.type else ""
    click.echo(f"{title}: {'wrong' if verdict.problems else 'right'}{of}")
    for problem in verdict.problems:
        click.echo(f"  {problem}")


@main.command("list")
def list_command() -> None:
    """List every event: its key, and what it says."""
    for contract in all_contracts():
        marks = " (deprecated)" if contract.deprecated else ""
        click.echo(f"{contract.key}{marks}\n  {' '.join(contract.summary.split())}")


@main.command("publish")
def publish_command() -> None:
    """Write published/ anew; refuse what would break a partner."""
    from shared.contracts.publish import Refused, publish

    try:
        written = publish(all_contracts(), _services())
    except (Refused, NotExpressible) as error:
        click.echo(f"Nothing was written.\n{error}", err=True)
        sys.exit(1)
    click.echo("\n".join(f"wrote {name}" for name in written) or "published/ is up to date")


def _services() -> Iterable[Any]:
    """The services, by name only: shared code imports none, and none may be installed."""
    try:
        return importlib.import_module("services").all_services()
    except ModuleNotFoundError as error:
        if error.name == "services":
            return ()
        raise


if __name__ == "__main__":
    main(prog_name="python -m shared.contracts")
