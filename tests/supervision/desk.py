"""Supervision alone, as its tests drive it: feed it events, let its timer run, act through its API."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from services.supervision.clocks.models import Clock
from services.supervision.service import SERVICE
from shared import clock as time
from shared.bus.work import run_handlers
from shared.contracts import assignment, envelope, intake
from shared.contracts.envelope import Envelope
from shared.contracts.registry import EventSchema, contract_of, dump
from shared.db.outbox import Outbox
from shared.identity.tokens import make_token
from shared.runtime.compose import web_app
from shared.runtime.service import Instance
from tests.ground import SECRET

TOWNSHIP = "420324100"
NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)  # a Tuesday, noon in the county
DAY = timedelta(days=1)
SEATS = {"leader": "leader-1", "office": "office-1", "team": "team-1"}


class Desk:
    """One prepared supervision service, without loops."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.db = instance.db
        self.app = web_app(instance, [SERVICE])

    def feed(self, event: Envelope) -> None:
        """Handle an event in a transaction of its own, as the work loop does."""
        self.feed_together([event])

    def feed_together(self, events: Iterable[Envelope]) -> None:
        """Handle events in one transaction, as the work loop does with a batch."""
        with self.db.write() as session:
            for event in events:
                mine = [h for h in SERVICE.handlers if h.contract == event.contract]
                assert mine, f"{event.type} is not handled"
                run_handlers(mine, event, session)

    def run(self) -> None:
        """What the timers do, until nothing is left."""
        for task in SERVICE.tasks:
            while task.run(self.instance):
                pass

    def get(self, post: str, path: str, status: int = 200) -> Any:
        return self._ask("get", post, path, status)

    def post(self, post: str, path: str, status: int = 201, **body: Any) -> Any:
        return self._ask("post", post, path, status, json=body)

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

    def events(self, *names: str) -> list[dict[str, Any]]:
        """The data of the recorded events of some names, such as `clock.warned`, oldest first."""
        with self.db.read() as session:
            bodies = session.scalars(select(Outbox.body).order_by(Outbox.seq)).all()
        return [e.data for e in map(envelope.parse, bodies) if e.contract.name in names]

    def close(self) -> None:
        self.db.close()

    def _ask(self, method: str, post: str, path: str, status: int, **how: Any) -> Any:
        headers = {"Authorization": f"Bearer {make_token(SECRET, post)}", "Accept-Language": "en"}
        answer = getattr(self.app.test_client(), method)(path, headers=headers, **how)
        assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
        return answer.json if answer.data else None


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
        given = {"petition_id": self.id, "number": self.number, **data}
        return envelope.build(
            contract_of(schema), agency="local", subject=str(self.id), data=dump(schema, given)
        )
