"""TLS on the bus and between services: whom this service believes, what it shows, and what is wrong with it.

Both sides show a certificate of the authority in TLS_CA_FILE. Certificates come from files and are read when
a connection is made, so that new ones count without a restart of the worker.
"""

import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from shared import clock
from shared.errors import SettingError

log = logging.getLogger(__name__)
SOON = timedelta(days=30)


@dataclass(frozen=True)
class Tls:
    """The files of one service."""

    ca: Path
    certificate: Path | None = None
    key: Path | None = None

    def client_context(self) -> ssl.SSLContext:
        """For connections to others. Raises SettingError naming the file that is wrong."""
        try:
            context = ssl.create_default_context(cafile=str(self.ca))
            if self.certificate is not None:
                context.load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            raise SettingError(self.problem() or f"TLS: {type(error).__name__}") from error
        return context

    def for_bus(self) -> dict[str, Any]:
        """The same as py-amqp takes it."""
        return {
            "ca_certs": str(self.ca),
            "certfile": str(self.certificate) if self.certificate else None,
            "keyfile": str(self.key) if self.key else None,
            "cert_reqs": ssl.CERT_REQUIRED,
            "server_hostname": None,  # kombu puts the bus's own in: its name is checked
        }

    def gunicorn_options(self) -> dict[str, Any]:
        """For `huajie web`: a client without a certificate of the authority gets no answer."""
        return {
            "certfile": str(self.certificate),
            "keyfile": str(self.key),
            "ca_certs": str(self.ca),
            "cert_reqs": ssl.CERT_REQUIRED,
            "ssl_context": _logging_context,
        }

    def problem(self) -> str | None:
        """What is wrong with the files, and what to do; None where nothing is."""
        try:
            authority = x509.load_pem_x509_certificate(self.ca.read_bytes())
        except (OSError, ValueError) as error:
            return f"TLS_CA_FILE cannot be read ({type(error).__name__}): it must name a PEM certificate"
        if self.certificate is None:
            return None
        try:
            own = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        except (OSError, ValueError) as error:
            return f"TLS_CERT_FILE cannot be read ({type(error).__name__}): it must name a PEM certificate"
        try:
            ssl.create_default_context().load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            return f"TLS_KEY_FILE cannot be read or is not the key of TLS_CERT_FILE ({type(error).__name__})"
        if not (own.not_valid_before_utc <= clock.now() <= own.not_valid_after_utc):
            return f"TLS_CERT_FILE is good only until {own.not_valid_after_utc:%Y-%m-%d}: issue a new one"
        try:
            own.verify_directly_issued_by(authority)
        except (ValueError, TypeError, InvalidSignature):
            return "TLS_CERT_FILE was not issued by the authority of TLS_CA_FILE: others would refuse it"
        return None

    def good_until(self) -> datetime | None:
        """When the own certificate ends."""
        if self.certificate is None:
            return None
        return x509.load_pem_x509_certificate(self.certificate.read_bytes()).not_valid_after_utc


class _Socket(ssl.SSLSocket):
    """Says in the log that a client was refused, and why; never who it was."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", None) or error.reason
            log.warning("a client without a good certificate was refused", extra={"error": reason})
            raise


def _logging_context(_config: Any, make: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    context = make()
    context.sslsocket_class = _Socket
    return context
