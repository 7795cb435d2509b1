"""Supervision alone, as its tests drive it: feed it events, let its timer run, act through its API."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from services.supervision.clocks.models import Clock
from shared import clock as time
from shared.contracts import assignment, intake
from shared.contracts.envelope import Envelope
from shared.contracts.registry import EventSchema
from tests.alone import Alone, handle, made

TOWNSHIP = "420324100"
NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)  # a Tuesday, noon in the county
DAY = timedelta(days=1)
SEATS = {"leader": "leader-1", "office": "office-1", "team": "team-1"}


class Desk(Alone):
    """Supervision with its clocks at hand."""

    def feed(self, event: Envelope) -> None:
        """Handle an event in a transaction of its own, as the work loop does."""
        self.feed_together([event])

    def feed_together(self, events: Iterable[Envelope]) -> None:
        """Handle events in one transaction, as the work loop does with a batch."""
        handle(self.service, self.db, events)

    def clocks(self, post: str = "head", query: str = "") -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.get(post, f"/api/clocks{query}")["items"]
        return items

    def clock(self, duty: str, petition: "Petition", post: str = "head") -> dict[str, Any]:
        """The newest clock of a duty, with all that belongs to it."""
        found = self.clocks(post, f"?duty={duty}&petition_id={petition.id}")
        assert found, f"no clock for {duty}"
        newest = max(found, key=lambda row: row["started_on"])
        whole: dict[str, Any] = self.get(post, f"/api/clocks/{newest['id']}")
        return whole

    def rows(self) -> list[Clock]:
        with self.db.read() as session:
            return list(session.scalars(select(Clock)).all())


class Petition:
    """A petition whose events are made at moments: days after NOON of 10 March 2026."""

    numbers = 0

    def __init__(self, **said: Any) -> None:
        Petition.numbers += 1
        self.id = uuid4()
        self.case_id = uuid4()
        self.number = f"ZX2026-{Petition.numbers:06d}"
        self.said = {"organ": "commission", "signature": "real_name", "superior_assigned": False} | said

    def registered(self, day: float = 0, **changes: Any) -> Envelope:
        said = {k: v for k, v in self.said.items() if k in ("organ", "signature", "superior_assigned")}
        received = {"received_on": time.local_date(NOON + day * DAY), "registered_at": NOON + day * DAY}
        values = {"channel": "letter", "township": TOWNSHIP, **said, **received} | changes
        return self._event(intake.PetitionRegisteredV1, **values)

    def accepted(self, day: float = 1, **changes: Any) -> Envelope:
        values: dict[str, Any] = {
            "category": "appeal",
            "procedure": "petition",
            "township": TOWNSHIP,
            "excluded": [],
            "received_on": date(2026, 3, 10),
            "accepted_at": NOON + day * DAY,
        }
        return self._event(intake.PetitionAcceptedV1, **values | self.said | changes)

    def declined(self, day: float) -> Envelope:
        return self._event(intake.PetitionDeclinedV1, reason="no_substance", declined_at=NOON + day * DAY)

    def transferred(self, day: float, transfer_id: UUID, to_agency: str = "agency-police") -> Envelope:
        return self._event(
            intake.PetitionTransferredV1,
            transfer_id=transfer_id,
            to_agency=to_agency,
            transferred_at=NOON + day * DAY,
        )

    def signed(self, day: float, transfer_id: UUID) -> Envelope:
        return self._event(
            intake.TransferSignedV1,
            transfer_id=transfer_id,
            agency="agency-police",
            signed_at=NOON + day * DAY,
        )

    def returned(self, day: float, transfer_id: UUID) -> Envelope:
        return self._event(
            intake.TransferReturnedV1,
            transfer_id=transfer_id,
            agency="agency-police",
            reason="not_competent",
            returned_at=NOON + day * DAY,
        )

    def withdrawn(self, day: float) -> Envelope:
        return self._event(intake.PetitionWithdrawnV1, withdrawn_at=NOON + day * DAY)

    def instructed(self, day: float, due_on: date | None, **changes: Any) -> Envelope:
        values = {
            "instruction_id": uuid4(),
            "addressee": "office-1",
            "due_on": due_on,
            "signed_by": "head",
            "on_delegation": False,
            "signed_at": NOON + day * DAY,
        }
        return self._event(intake.InstructionSignedV1, **values | changes)

    def opened(self, day: float = 1.01, **changes: Any) -> Envelope:
        values = {
            "township": TOWNSHIP,
            "superior_assigned": self.said["superior_assigned"],
            "opened_at": NOON + day * DAY,
            **SEATS,
        }
        return self._case(assignment.CaseOpenedV1, **values | changes)

    def rerouted(self, day: float, reason: str = "roster_change", **changes: Any) -> Envelope:
        values = {"reason": reason, "excluded": [], "rerouted_at": NOON + day * DAY, **SEATS}
        return self._case(assignment.CaseReroutedV1, **values | changes)

    def planned(self, day: float, due_on: date, version: int = 1) -> Envelope:
        return self._case(
            assignment.PlanFixedV1,
            plan_version=version,
            due_on=due_on,
            members=2,
            fixed_at=NOON + day * DAY,
        )

    def closed(self, day: float, round: int = 1) -> Envelope:
        closed_at = NOON + day * DAY
        return self._case(assignment.CaseClosedV1, round=round, outcome="upheld", closed_at=closed_at)

    def replied(self, day: int, round: int = 1) -> Envelope:
        replied_on = time.local_date(NOON + day * DAY)
        return self._case(assignment.ReplyGivenV1, round=round, means="letter", replied_on=replied_on)

    def reopened(self, day: float, round: int = 2, **changes: Any) -> Envelope:
        values = {"reason": "ordered", "reopened_at": NOON + day * DAY, **SEATS, "office": "office-2"}
        return self._case(assignment.CaseReopenedV1, round=round, **values | changes)

    def _case(self, schema: type[EventSchema], **data: Any) -> Envelope:
        return self._event(schema, case_id=self.case_id, **data)

    def _event(self, schema: type[EventSchema], **data: Any) -> Envelope:
        return made(schema, self.id, petition_id=self.id, number=self.number, **data)
