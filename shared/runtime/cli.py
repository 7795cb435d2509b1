"""`huajie`: the one command line that the Makefile, the containers and operators call."""

import logging
import os
import signal
import sys
import threading
from typing import Any

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from services import all_services
from shared.backup import cli as backup
from shared.errors import Problem, SettingError
from shared.ledger.acting import act_as
from shared.ledger.cli import ledger
from shared.runtime import definitions as bus_definitions
from shared.runtime import operate
from shared.runtime import secrets as installation
from shared.runtime.command import SERVICE, instance_named, need_peers, need_ready, service_named
from shared.runtime.log import configure_logging
from shared.runtime.service import Instance
from shared.runtime.settings import load_settings, log_level

log = logging.getLogger(__name__)


class HuajieGroup(click.Group):
    """Shows what is wrong and what to do, instead of a stack trace."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SettingError as error:
            raise click.ClickException(str(error)) from error
        except Problem as problem:
            raise click.ClickException(str(problem)) from problem
        except (OperationalError, ProgrammingError) as error:  # its text would quote what was written
            raise click.ClickException(
                "the database does not answer, or lacks tables: `huajie check` says which, and what to do"
            ) from error


@click.group(
    cls=HuajieGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="huajie")
def main() -> None:
    """Huajie 化解: casework for hard petitions.

    With nothing set, all five services run in one process on SQLite (`huajie run`). With DATABASE_URL
    and BUS_URL set, each runs by itself: `huajie migrate SERVICE`, then `huajie web SERVICE` and
    `huajie worker SERVICE`. All settings come from the environment; `huajie check` says what is amiss.

    SERVICE is intake, assignment, supervision, notify or reporting.
    """
    configure_logging(log_level())
    act_as("command", click.get_current_context().invoked_subcommand or "")


@main.command()
@click.option("--fresh", is_flag=True, help="Begin anew: removes the data under DATA_DIR first.")
@click.option("--port", type=click.IntRange(1, 65535), help="Where to listen; default PORT or 8000.")
@click.option("--demo/--no-demo", default=True, help="Demo posts with one shared password, and a sample.")
def run(fresh: bool, port: int | None, demo: bool) -> None:
    """All five services in one process, on SQLite."""
    from shared.runtime import embedded

    if port:
        os.environ["PORT"] = str(port)
    if demo:
        os.environ.setdefault("DEMO", "1")
    configure_logging(log_level("WARNING"))
    settings = load_settings()
    if settings.database_url or not settings.is_embedded:
        raise SettingError(
            "`huajie run` needs neither DATABASE_URL nor BUS_URL: unset them, "
            "or start each service with `huajie web` and `huajie worker`"
        )
    embedded.run(settings, fresh=fresh, say=lambda line: click.echo(line))


@main.command()
@SERVICE
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), help="Default: PORT or 8000.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--threads", type=click.IntRange(1, 64), default=4, show_default=True)
def web(service: str, host: str, port: int | None, workers: int, threads: int) -> None:
    """Pages and API of one service. Needs its database only: it goes on while RabbitMQ is down."""
    from shared.runtime.compose import web_app
    from shared.runtime.serve import check_port, serve

    chosen, settings = service_named(service), load_settings()
    port = port or settings.port
    check_port(host, port)
    if settings.tls and (complaint := settings.tls.problem()):
        raise SettingError(complaint)
    need_ready(Instance(chosen, settings))
    log.info("serving pages and API", extra={"service": service})
    serve(
        lambda: web_app(Instance(chosen, settings), all_services()),
        host=host,
        port=port,
        workers=workers,
        threads=threads,
        tls=settings.tls,
    )


@main.command()
@SERVICE
@click.option("--host", default="127.0.0.1", show_default=True, help="Where METRICS_PORT listens.")
def worker(service: str, host: str) -> None:
    """Relay, consumer, work loop and tasks of one service. METRICS_PORT: where it answers who watches it."""
    from shared.runtime.loops import Loops

    instance = instance_named(service)
    if instance.settings.is_embedded:
        raise SettingError(
            "`huajie worker` needs RabbitMQ: set BUS_URL=amqp://user:password@host:5672/vhost, "
            "or start all five services in one process with `huajie run`"
        )
    need_peers(instance)
    need_ready(instance)
    loops = Loops(instance)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if instance.settings.metrics_port:
        from shared.watching.port import open_port

        open_port(instance, host, instance.settings.metrics_port, lambda: not loops.is_stuck)
    loops.start()
    log.info("working", extra={"service": service})
    while not stop.wait(1):
        if loops.is_stuck:
            click.echo("the bus consumer has not moved for a minute: leaving, to be started anew", err=True)
            os._exit(1)
    loops.stop()
    instance.db.close()


@main.command()
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
@click.option("--new", metavar="MESSAGE", help="Write a new migration from the changed tables (developers).")
def migrate(services: tuple[str, ...], new: str | None) -> None:
    """Bring databases up to date and load the county's posts. Without SERVICE: all five."""
    from shared.db.migrate import new_revision
    from shared.runtime.compose import prepare

    settings = load_settings()
    for service in [service_named(n) for n in services] or all_services():
        instance = Instance(service, settings)
        if new:
            new_revision(service, instance.db, new)
        else:
            prepare(instance)
            click.echo(f"{service.name}: up to date")


@main.command()
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
def check(services: tuple[str, ...]) -> None:
    """Look at everything a service needs; say what to do.

    Settings, county, database, pending migrations, bus and peers. Ends with 1 when anything is amiss.
    """
    from shared.runtime.check import check_service

    settings = load_settings()
    bad = False
    for service in [service_named(n) for n in services] or all_services():
        for ok, line in check_service(Instance(service, settings)):
            click.echo(f"{service.name}: {'ok  ' if ok else 'FAIL'} {line}")
            bad = bad or not ok
    sys.exit(1 if bad else 0)


def _add_commands() -> None:
    of_services = [command for service in all_services() for command in service.commands()]
    of_shared = (
        *operate.COMMANDS, *bus_definitions.COMMANDS, *installation.COMMANDS, *backup.COMMANDS, ledger
    )  # fmt: skip
    for command in (*of_shared, *of_services):
        main.add_command(command)


_add_commands()
