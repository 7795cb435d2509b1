"""The virus scan of attachments by clamd (SCANNER_URL), after they were taken in.

Always afterwards, by the worker: nobody waits for a scanner, and one that is away delays only the giving
out. The original is scanned; what something was found in is never given out.
"""

import io
import logging
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from clamav_client.clamd import ClamdError, ClamdNetworkSocket, ClamdUnixSocket, CommunicationError
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from services.intake.attachments.models import Attachment
from services.intake.attachments.queries import content_of
from services.intake.attachments.rules import Scan
from services.intake.identities.vault import vault_of
from shared import clock
from shared.errors import Unavailable
from shared.runtime.service import Instance

log = logging.getLogger(__name__)
SECONDS = 60  # for one file
AGAIN = timedelta(hours=1)
NO_SCANNER = "no virus scanner: attachments are given out unscanned; set SCANNER_URL to clamd's address"


def run(instance: Instance) -> bool:
    """Scan one file that waits; False where none waits, or the scanner or the master key is away."""
    url = instance.settings.scanner_url
    if url is None:
        return False
    try:
        with instance.db.read() as session:
            found = _next(session)
            data = content_of(session, found, vault_of(instance), clean=False) if found else None
        if found is None:
            return False
        said = Scan.FAILED if data is None else _scanned(url, data)
    except (CommunicationError, OSError, Unavailable):
        log.warning("files wait for the virus scan: the scanner does not answer")
        return False
    with instance.db.write() as session:
        session.execute(
            update(Attachment).where(Attachment.id == found.id).values(scan=said, scanned_at=clock.now())
        )
    if said is not Scan.CLEAN:
        log.warning("a file is not given out", extra={"attachment": str(found.id), "scan": said})
    return True


def check(instance: Instance) -> Iterator[tuple[bool, str]]:
    """A line for `huajie check`."""
    if instance.settings.scanner_url is None:
        yield True, NO_SCANNER
        return
    try:
        _client(instance.settings.scanner_url).ping()
    except (ClamdError, OSError) as error:
        yield (
            False,
            f"the virus scanner does not answer ({type(error).__name__}): look at SCANNER_URL and clamd",
        )
        return
    yield True, "virus scanner answers"


def _next(session: Session) -> Attachment | None:
    waiting = or_(
        Attachment.scan == Scan.WAITING,
        (Attachment.scan == Scan.FAILED) & (Attachment.scanned_at < clock.now() - AGAIN),
    )
    return session.scalar(select(Attachment).where(waiting).order_by(Attachment.added_at).limit(1))


def _scanned(url: str, data: bytes) -> Scan:
    """Raises CommunicationError, OSError where the scanner is away."""
    try:
        answer = _client(url).instream(io.BytesIO(data))
    except (CommunicationError, OSError):
        # It may break off what is too large for it before it has said so. Where it is there for others,
        # it was this file, which must not keep the next ones waiting.
        _client(url).ping()
        return Scan.FAILED
    except ClamdError:  # it is there and could not: larger than its StreamMaxLength
        return Scan.FAILED
    states = {status for status, _what in answer.values()}
    return Scan.INFECTED if "FOUND" in states else Scan.CLEAN if states == {"OK"} else Scan.FAILED


def _client(url: str) -> ClamdNetworkSocket:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return ClamdUnixSocket(parts.path, timeout=SECONDS)
    return ClamdNetworkSocket(parts.hostname or "", parts.port or 3310, timeout=SECONDS)
