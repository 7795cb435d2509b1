"""Events of supervision 督办: each duty's clock, from its start to its end."""

from shared.contracts import fields as f
from shared.contracts.intake import PetitionEvent
from shared.contracts.ledger import ledger_signed
from shared.contracts.registry import EventSchema, event

DUTIES = ("decision", "receipt", "plan", "handling", "reply", "instruction")
MOVE_REASONS = ("extension", "pause", "calendar", "handover", "plan")


class ClockEvent(PetitionEvent):
    """What every event about a clock carries."""

    clock_id = f.uuid("The clock")
    duty = f.choice("What is due", DUTIES)
    holder = f.code("The unit whose duty it is")
    due_on = f.day("The last day")


@event("clock.started", version=1, owner="supervision")
class ClockStartedV1(ClockEvent):
    """A duty began to run."""

    started_on = f.day("The day of the event that started it, itself not counted")
    provisional = f.flag("The calendar of a year in it is not yet published")


@event("clock.moved", version=1, owner="supervision")
class ClockMovedV1(ClockEvent):
    """The last day or the holder changed; the first date stays on file."""

    first_due_on = f.day("The last day as first computed")
    reason = f.choice("Why", MOVE_REASONS)
    moved_at = f.moment("When")


@event("clock.warned", version=1, owner="supervision")
class ClockWarnedV1(ClockEvent):
    """The last day is near: before, on the day."""

    days_left = f.count("Calendar days left")


@event("clock.expired", version=1, owner="supervision")
class ClockExpiredV1(ClockEvent):
    """The last day has passed and the duty is not done."""

    expired_on = f.day("The first day of being late")


@event("clock.stopped", version=1, owner="supervision")
class ClockStoppedV1(ClockEvent):
    """The duty was done or fell away; whether it was late stays on file."""

    stopped_on = f.day("The day on which it was done or fell away")
    done = f.flag("Done, or fell away")
    late = f.flag("After its last day")


@event("letter.issued", version=1, owner="supervision")
class LetterIssuedV1(EventSchema):
    """A supervision letter was issued to a unit. Which matters it is about stands in the letter alone."""

    letter_id = f.uuid("The letter")
    document_number = f.document_number("The letter's number, e.g. 竹纪督函〔2026〕1号")
    addressee = f.code("The unit that it is for")
    reply_by = f.day("The last day for the answer")
    issued_at = f.moment("When")


LedgerSignedV1 = ledger_signed("supervision")
