"""Events of notify 通知: only what others must know about messages, never their text."""

from shared.contracts import fields as f
from shared.contracts.ledger import ledger_signed
from shared.contracts.registry import EventSchema, event

MESSAGE_CHANNELS = ("email", "webhook")
EXTRACT_PURPOSES = ("own_part", "facts", "help", "urgent", "protection", "outcome")
EXTRACT_BASES = (
    "regulation-22",
    "regulation-24",
    "regulation-21",
    "regulation-31",
    "regulation-27",
    "regulation-25",
    "rules-49",
)
EXTRACT_RESULTS = ("done", "in_progress", "not_competent", "nothing_known")
EXTRACT_ENDS = ("expired", "no_longer_needed", "issued_in_error", "recusal", "withdrawn")


@event("notice.failed", version=1, owner="notify")
class NoticeFailedV1(EventSchema):
    """A message could not be delivered after all its tries; it can be sent again from the list."""

    notice_id = f.uuid("The message")
    recipient = f.code("The unit that it was for")
    channel = f.choice("By which way", MESSAGE_CHANNELS)
    attempts = f.count("How many tries")
    failed_at = f.moment("When the last one failed")


class ExtractEvent(EventSchema):
    """What every event about an extract carries: neither the petition nor a word of the matter."""

    extract_id = f.uuid("The extract; its content is fetched from notify by the agency that it is for")
    agency = f.code("The unit of the agency that it is for")


@event("extract.issued", version=1, owner="notify", audience="partners")
class ExtractIssuedV1(ExtractEvent):
    """An extract of a matter was issued to an agency (M25)."""

    purpose = f.choice("What for", EXTRACT_PURPOSES)
    basis = f.choice("On which article: of the regulation on petition work or the rules on accusations",
                     EXTRACT_BASES)  # fmt: skip
    answer_by = f.day("The last day for the agency's answer")
    expires_on = f.day("The last day on which it may be read")
    issued_at = f.moment("When")


@event("extract.read", version=1, owner="notify", audience="partners")
class ExtractReadV1(ExtractEvent):
    """The agency confirmed that it read an extract: its receipt."""

    read_at = f.moment("When")


@event("extract.answered", version=1, owner="notify", audience="partners")
class ExtractAnsweredV1(ExtractEvent):
    """The agency said what it did or found."""

    result = f.choice("In a word", EXTRACT_RESULTS)
    answered_at = f.moment("When")


@event("extract.ended", version=1, owner="notify", audience="partners")
class ExtractEndedV1(ExtractEvent):
    """An extract was recalled or has expired: whoever holds what it said destroys it."""

    reason = f.choice("Why", EXTRACT_ENDS)
    ended_at = f.moment("When")


LedgerSignedV1 = ledger_signed("notify")
