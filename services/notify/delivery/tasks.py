"""Sends what is due. A database transaction never waits for a mail server, nor the other way round."""

import logging
import smtplib

from services.notify.delivery import commands, rules
from services.notify.delivery.smtp import MailServer, error_code
from shared import clock
from shared.runtime.service import Instance
from shared.runtime.settings import Settings

log = logging.getLogger(__name__)


def send_mail(instance: Instance) -> bool:
    """Make the e-mails that are due and try one of them; whether more may wait.

    Without SMTP_URL nothing is made: the inboxes are there, and mail can be switched on later.
    """
    settings = instance.settings
    if not settings.smtp_url or rules.is_quiet(clock.now()):
        return False
    server = MailServer.from_url(settings.smtp_url)
    with instance.db.glance() as session:
        if not commands.is_due(session):
            return False
    with instance.db.write() as session:
        commands.make_digests(session)
    return _try_one(instance, server)


def _try_one(instance: Instance, server: MailServer) -> bool:
    with instance.db.write() as session:
        tried = commands.take(session)
        needed = tried is not None and commands.is_needed(session, tried.digest_id)
    if tried is None:
        return False
    if not needed:
        return True
    error = _hand_over(instance.settings, server, tried)
    with instance.db.write() as session:
        if error is None:
            commands.note_sent(session, tried)
        else:
            commands.note_failed(session, tried, error)
    return True


def _hand_over(settings: Settings, server: MailServer, tried: commands.Try) -> str | None:
    message = rules.compose(
        tried.digest_id,
        to=tried.to,
        sender=settings.mail_from,
        link=inbox_link(settings),
        now=clock.now(),
    )
    try:
        server.send(message)
    except (smtplib.SMTPException, OSError) as error:
        code = error_code(error)
        fields = {"digest": str(tried.digest_id), "attempt": tried.attempt, "error": code}
        log.warning("an e-mail was not taken", extra=fields)
        return code
    return None


def inbox_link(settings: Settings) -> str:
    """The address of the inbox as a browser reaches it."""
    return f"{settings.address_of('notify')}/inbox"
