"""When an e-mail may go out, how often it is tried, and what it says.

It says only that there is news (M24): no number, no date of a matter, no name.
"""

from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from enum import StrEnum
from uuid import UUID

from shared.clock import COUNTY_ZONE

# Habits of an office, not law: people are not written to at night, nor every minute by day.
NO_MAIL_FROM = time(21, 0)  # in county time
NO_MAIL_UNTIL = time(7, 0)
BETWEEN_MAILS = timedelta(minutes=15)  # of one unit
# The waits after each failed try; after the last one's try the e-mail counts as failed: about a day.
BACKOFF = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 480, 720))
# A try that has not been heard of for so long died with its process.
ONE_TRY = timedelta(minutes=5)

SUBJECT = "化解：有新的消息，请登录查看 Huajie: there is news, please sign in"
TEXT = """有新的消息，请登录查看：
There is news for you. Sign in to read it:

{link}
"""


class State(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"  # everything had been read before it went out


def is_quiet(moment: datetime) -> bool:
    """Whether nobody is to be written to at this moment."""
    local = moment.astimezone(COUNTY_ZONE).time()
    return local >= NO_MAIL_FROM or local < NO_MAIL_UNTIL


def wait_after(attempts: int) -> timedelta | None:
    """How long to wait after so many failed tries (from 1); None: no more."""
    return BACKOFF[attempts - 1] if attempts <= len(BACKOFF) else None


def failed_key(ended_at: datetime, digest_id: UUID) -> str:
    """Sorts failed e-mails, read backwards, with the last one first; unique by the id."""
    return f"{ended_at.astimezone(UTC):%Y%m%dT%H%M%S%f}-{digest_id.hex}"


def compose(digest_id: UUID, *, to: str, sender: str, link: str, now: datetime) -> EmailMessage:
    """The e-mail of a digest. Sent again it has the same Message-ID, by which a reader drops the second."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = SUBJECT
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{digest_id}@{domain_of(sender)}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    message.set_content(TEXT.format(link=link))
    return message


def domain_of(address: str) -> str:
    """The part of an address after the @."""
    return address.rpartition("@")[2].strip("> ") or "localhost"
