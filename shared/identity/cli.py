"""The operator's commands about who is who: posts that sign in, and the authority of trial certificates.

Those about posts work on the database of the sign-in service.
"""

from pathlib import Path

import click

from shared.identity.authority import DAYS, issue, make_authority
from shared.runtime.command import instance_named
from shared.runtime.service import Instance
from shared.runtime.settings import load_settings


@click.command()
@click.argument("post")
@click.password_option(help="At least 12 characters; asked for when not given.")
@click.option(
    "--without-codes", is_flag=True, help="Ask the post for one-time codes no more: the phone is lost."
)
def password(post: str, password: str, without_codes: bool) -> None:
    """Set the password of a post, to be changed at its next sign-in; its sessions end.

    Run it with the settings of the sign-in service (SIGN_IN_AT): one password is good at all services.
    """
    from shared.identity import second_factor
    from shared.identity.accounts import viewer_of
    from shared.identity.credentials import Credential, set_password, unlock
    from shared.identity.passwords import check_password
    from shared.identity.sessions import end_sessions

    check_password(post, password)
    with _sign_in_service().db.write() as session:
        if viewer_of(session, post) is None:
            raise click.BadParameter(f"no post {post!r}: the county's posts are loaded by `huajie migrate`")
        set_password(session, post, password, must_change=True)
        credential = session.get(Credential, post)
        if credential and without_codes:
            second_factor.end(credential)
        unlock(session, post)
        end_sessions(session, post)
    click.echo(f"{post} may sign in with it now, and chooses a password of its own then")


@click.command()
@click.argument("post")
def unlock(post: str) -> None:
    """Let a post that is closed after wrong tries sign in again at once."""
    from shared.identity.credentials import unlock as unlock_post

    with _sign_in_service().db.write() as session:
        done = unlock_post(session, post)
    click.echo(f"{post} may try again now" if done else f"{post}: there were no wrong tries")


@click.command()
@click.argument("post", required=False)
@click.option("--end", is_flag=True, help="End the sessions of the post.")
def sessions(post: str | None, end: bool) -> None:
    """List who is signed in, and the posts that are closed after wrong tries. With POST: only that one."""
    from shared.identity.credentials import closed_posts
    from shared.identity.sessions import end_sessions, sessions_of

    if end and not post:
        raise click.UsageError("name the POST whose sessions are to end")
    with _sign_in_service().db.write() as session:
        if end and post:
            click.echo(f"{end_sessions(session, post)} ended")
            return
        for each in sessions_of(session, post):
            since, seen = (f"{at:%Y-%m-%d %H:%M}Z" for at in (each.started_at, each.seen_at))
            click.echo(f"{each.post}  {each.how}  since {since}  last used {seen}")
        for closed, until in closed_posts(session).items():
            if post in (None, closed):
                click.echo(
                    f"{closed}  closed until {until:%H:%M}Z after wrong tries: `huajie unlock {closed}`"
                )


def _sign_in_service() -> Instance:
    return instance_named(load_settings().sign_in_at)


DIRECTORY = click.argument("directory", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))


@click.group()
def ca() -> None:
    """A certificate authority for trials. In earnest, use the PKI of your agency."""


@ca.command("init")
@DIRECTORY
def init(directory: Path) -> None:
    """Make an authority in DIR: `ca.pem`, which all believe, and `ca.key`, which stays there."""
    click.echo(f"{make_authority(directory)}: set TLS_CA_FILE to it on every machine")


@ca.command("issue")
@DIRECTORY
@click.argument("name")
@click.option("--host", "hosts", multiple=True, required=True, help="A name or address it is reached under.")
@click.option("--days", type=click.IntRange(1, 3650), default=DAYS, show_default=True)
def issue_one(directory: Path, name: str, hosts: tuple[str, ...], days: int) -> None:
    """Issue a certificate in DIR for NAME (a service, a broker, a reverse proxy), for server and client."""
    certificate = issue(directory, name, hosts, days)
    click.echo(
        f"TLS_CERT_FILE={certificate}\nTLS_KEY_FILE={certificate.with_suffix('.key')}\n"
        f"good for {days} days: `huajie check` warns before they are over"
    )


COMMANDS = (password, unlock, sessions, ca)
