"""Hands one e-mail to the mail server that SMTP_URL names, with a limit on every wait."""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from services.notify.delivery.rules import domain_of
from shared.errors import SettingError

SECONDS = 10.0  # for each answer of the server; a whole dialogue has about ten


class NoEncryption(smtplib.SMTPException):
    """The server offers no TLS, and a password must not go out in the clear."""


@dataclass(frozen=True)
class MailServer:
    """Where e-mail is handed over. `always_tls`: smtps, else STARTTLS wherever the server offers it."""

    host: str
    port: int
    always_tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    seconds: float = SECONDS

    @classmethod
    def from_url(cls, url: str) -> "MailServer":
        """Reads smtp://user:password@host:587 or smtps://…; raises SettingError without quoting it."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
            parts = urlsplit("")
        if parts.scheme not in ("smtp", "smtps") or not host:
            raise SettingError("SMTP_URL must look like smtp://user:password@host:587 or smtps://host:465")
        tls = parts.scheme == "smtps"
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(host, port or (465 if tls else 25), tls, user, password)

    def send(self, message: EmailMessage) -> None:
        """Hand over one e-mail; returns once the server has taken it.

        Raises smtplib.SMTPException or OSError, whatever went wrong. A server that takes the e-mail
        and dies before it says so gets it again: SMTP cannot tell the two apart.
        """
        client = self._connect(domain_of(message["From"]))
        try:
            self._introduce(client)
            client.send_message(message)
        finally:
            # What comes after the server took it must not make us send it twice.
            with suppress(smtplib.SMTPException, OSError):
                client.quit()
            client.close()

    def _connect(self, own_name: str) -> smtplib.SMTP:
        # Our name is given: smtplib would look this machine's up, and tell the server.
        if self.always_tls:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, own_name, timeout=self.seconds, context=context)
        return smtplib.SMTP(self.host, self.port, own_name, timeout=self.seconds)

    def _introduce(self, client: smtplib.SMTP) -> None:
        client.ehlo_or_helo_if_needed()
        if not self.always_tls and client.has_extn("starttls"):
            client.starttls(context=ssl.create_default_context())
            client.ehlo()
        elif self.user and not self.always_tls:
            raise NoEncryption("no TLS")
        if self.user:
            client.login(self.user, self.password)


def error_code(error: Exception) -> str:
    """What went wrong as a code: the server's own words may name people, so they are not kept."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = {str(code) for code, _words in error.recipients.values()}
        return f"recipient refused: {', '.join(sorted(codes))}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__}: {error.smtp_code}"
    return type(error).__name__
