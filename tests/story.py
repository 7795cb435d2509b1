"""The story of a petition, event by event, as the producers would tell it."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from shared import clock
from shared.contracts import assignment, intake, supervision
from shared.contracts.assignment import SEATS
from shared.contracts.envelope import Envelope
from shared.contracts.registry import EventSchema
from tests.alone import made


class Story:
    """One petition; each method is an event of it that happens now."""

    def __init__(self, number: int = 1, township: str = "420324100", petition_id: UUID | None = None) -> None:
        self.id = petition_id or uuid4()
        self.case_id = uuid4()
        self.number = f"ZX2026-{number:06d}"
        self.township = township

    def registered(self, **data: Any) -> Envelope:
        defaults: dict[str, Any] = {
            "channel": "letter",
            "organ": "commission",
            "signature": "real_name",
            "township": self.township,
            "content_class": "09",
            "superior_assigned": False,
            "received_on": clock.today(),
            "registered_at": clock.now(),
        }
        return self._event(intake.PetitionRegisteredV1, defaults, data)

    def accepted(self, **data: Any) -> Envelope:
        defaults: dict[str, Any] = {
            "category": "appeal",
            "procedure": "petition",
            "organ": "commission",
            "signature": "real_name",
            "township": self.township,
            "content_class": "09",
            "excluded": [],
            "superior_assigned": False,
            "received_on": clock.today(),
            "accepted_at": clock.now(),
        }
        return self._event(intake.PetitionAcceptedV1, defaults, data)

    def declined(self) -> Envelope:
        data = {"reason": "no_substance", "declined_at": clock.now()}
        return self._event(intake.PetitionDeclinedV1, data, {})

    def transferred(self, to_agency: str = "agency-police") -> Envelope:
        data = {"transfer_id": uuid4(), "to_agency": to_agency, "transferred_at": clock.now()}
        return self._event(intake.PetitionTransferredV1, data, {})

    def returned(self, agency: str = "agency-police") -> Envelope:
        data = {
            "transfer_id": uuid4(),
            "agency": agency,
            "reason": "not_competent",
            "returned_at": clock.now(),
        }
        return self._event(intake.TransferReturnedV1, data, {})

    def withdrawn(self) -> Envelope:
        return self._event(intake.PetitionWithdrawnV1, {"withdrawn_at": clock.now()}, {})

    def instructed(self, addressee: str, due_on: date | None = None) -> Envelope:
        data = {
            "instruction_id": uuid4(),
            "addressee": addressee,
            "due_on": due_on,
            "signed_by": "head",
            "on_delegation": False,
            "signed_at": clock.now(),
        }
        return self._event(intake.InstructionSignedV1, data, {})

    def opened(self, **data: Any) -> Envelope:
        defaults = {
            "township": self.township,
            "superior_assigned": False,
            "opened_at": clock.now(),
            **ROUTE,
        }
        return self._case(assignment.CaseOpenedV1, defaults, data)

    def rerouted(self, **data: Any) -> Envelope:
        defaults = {"reason": "recusal", "excluded": [], "rerouted_at": clock.now(), **ROUTE}
        return self._case(assignment.CaseReroutedV1, defaults, data)

    def checked(self, *, passed: bool, level: int = 1) -> Envelope:
        data = {"round": 1, "level": level, "passed": passed, "checked_at": clock.now()}
        return self._case(assignment.ClosingCheckedV1, data, {})

    def closed(self, **data: Any) -> Envelope:
        defaults = {"round": 1, "outcome": "upheld", "closed_at": clock.now()}
        return self._case(assignment.CaseClosedV1, defaults, data)

    def reopened(self, **data: Any) -> Envelope:
        defaults = {"round": 2, "reason": "dissatisfied", "reopened_at": clock.now(), **ROUTE}
        return self._case(assignment.CaseReopenedV1, defaults, data)

    def rated(self, rating: str = "satisfied", round_: int = 1) -> Envelope:
        data = {"rating": rating, "round": round_, "rated_at": clock.now()}
        return self._event(intake.PetitionRatedV1, data, {})

    def clock(self, kind: str, clock_id: UUID, due_on: date, **data: Any) -> Envelope:
        """`kind`: started, moved, warned, expired, stopped."""
        today = clock.today()
        own: dict[str, tuple[type[EventSchema], dict[str, Any]]] = {
            "started": (supervision.ClockStartedV1, {"started_on": today, "provisional": False}),
            "moved": (
                supervision.ClockMovedV1,
                {"first_due_on": due_on, "reason": "extension", "moved_at": clock.now()},
            ),
            "warned": (supervision.ClockWarnedV1, {"days_left": 3}),
            "expired": (supervision.ClockExpiredV1, {"expired_on": due_on + timedelta(days=1)}),
            "stopped": (supervision.ClockStoppedV1, {"stopped_on": today, "done": True, "late": False}),
        }
        schema, defaults = own[kind]
        common = {"clock_id": clock_id, "duty": "handling", "holder": "office-1", "due_on": due_on}
        return self._event(schema, common | defaults, data)

    def _case(self, schema: type[EventSchema], defaults: dict[str, Any], data: dict[str, Any]) -> Envelope:
        return self._event(schema, {"case_id": self.case_id} | defaults, data)

    def _event(self, schema: type[EventSchema], defaults: dict[str, Any], data: dict[str, Any]) -> Envelope:
        return made(schema, self.id, petition_id=self.id, number=self.number, **(defaults | data))


ROUTE = {seat: f"{seat}-1" for seat in SEATS}


def at(text: str) -> datetime:
    """A moment in county time, e.g. 2026-03-02 10:00."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.COUNTY_ZONE)
