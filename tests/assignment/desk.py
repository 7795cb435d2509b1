"""Assignment alone, as its tests drive it: feed it events, act through its API, see what it recorded."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from services.assignment.service import SERVICE
from shared.bus.work import run_handlers
from shared.contracts import envelope
from shared.contracts.envelope import Envelope
from shared.contracts.intake import PetitionAcceptedV1
from shared.contracts.registry import EventSchema, contract_of, dump
from shared.db.outbox import Outbox
from shared.identity.tokens import make_token
from shared.runtime.compose import prepare, web_app
from shared.runtime.service import Instance
from tests.ground import SECRET, settings_for

TOWNSHIP = "420324100"  # leader-1, office-1, team-1, in zone-1 with 420324103 and 420324104
NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)  # a Tuesday, noon in the county


class Desk:
    """One assignment service without loops, on SQLite under a directory unless another database is given."""

    def __init__(
        self, directory: Path, prepared: Path | None = None, database_url: str | None = None
    ) -> None:
        if prepared:
            shutil.copytree(prepared, directory, dirs_exist_ok=True)
        self.instance = Instance(SERVICE, settings_for(directory, database_url=database_url))
        if not prepared:
            prepare(self.instance)
        self.app = web_app(self.instance, [SERVICE])
        self.numbers = 0

    @property
    def db(self) -> Any:
        return self.instance.db

    def feed(self, schema: type[EventSchema], **data: Any) -> Envelope:
        """Handle an event in a transaction of its own, as the work loop does."""
        made = envelope.build(
            contract_of(schema),
            agency="local",
            subject=str(data.get("petition_id", "x")),
            data=dump(schema, data),
        )
        return self.again(made)

    def again(self, event: Envelope) -> Envelope:
        """Handle an event that may have been handled before."""
        mine = [h for h in SERVICE.handlers if h.contract == event.contract]
        assert mine, f"{event.type} is not handled"
        with self.db.write() as session:
            run_handlers(mine, event, session)
        return event

    def accept(self, **changes: Any) -> UUID:
        """Accept a petition and give its id; an anonymous appeal from TOWNSHIP unless told otherwise."""
        self.numbers += 1
        data: dict[str, Any] = {
            "petition_id": uuid4(),
            "number": f"ZX2026-{self.numbers:06d}",
            "category": "appeal",
            "procedure": "petition",
            "organ": "commission",
            "signature": "real_name",
            "township": TOWNSHIP,
            "excluded": [],
            "superior_assigned": False,
            "received_on": date(2026, 3, 2),
            "accepted_at": NOON,
        } | changes
        self.feed(PetitionAcceptedV1, **data)
        petition_id: UUID = data["petition_id"]
        return petition_id

    def open(self, **changes: Any) -> dict[str, Any]:
        """Accept a petition and give its case, as the head sees it."""
        petition_id = self.accept(**changes)
        return next(c for c in self.cases("head") if c["petition_id"] == str(petition_id))

    def get(self, post: str, path: str, status: int = 200) -> Any:
        return self._ask("get", post, path, status)

    def post(self, post: str, path: str, status: int = 201, **body: Any) -> Any:
        return self._ask("post", post, path, status, json=body)

    def cases(self, post: str, query: str = "") -> list[dict[str, Any]]:
        """The cases that a post sees, newest number first."""
        items: list[dict[str, Any]] = self.get(post, f"/api/cases{query}")["items"]
        return items

    def case(self, case: dict[str, Any], post: str = "head") -> dict[str, Any]:
        """A case with all that belongs to it, as it is now."""
        found: dict[str, Any] = self.get(post, f"/api/cases/{case['id']}")
        return found

    def step(
        self,
        post: str,
        case: dict[str, Any],
        step: str,
        status: int = 201,
        *,
        stale: bool = False,
        **body: Any,
    ) -> Any:
        """Take a step on a case with its present version (or, `stale`, with the one it was read with)."""
        version = case["version"] if stale else self.version(case)
        return self.post(post, f"/api/cases/{case['id']}/{step}", status, version=version, **body)

    def version(self, case: dict[str, Any]) -> int:
        from services.assignment.cases.models import Case

        with self.db.read() as session:
            found: int = session.scalar(select(Case.version).where(Case.id == UUID(case["id"])))
            return found

    def events(self, name: str) -> list[dict[str, Any]]:
        """The data of the recorded events of a name, such as `case.opened`, oldest first."""
        with self.db.read() as session:
            bodies = session.scalars(select(Outbox.body).order_by(Outbox.seq)).all()
        return [e.data for e in map(envelope.parse, bodies) if e.contract.name == name]

    def run_task(self) -> None:
        """What the timer does, until nothing is left."""
        while SERVICE.tasks[0].run(self.instance):
            pass

    def close(self) -> None:
        self.db.close()

    def _ask(self, method: str, post: str, path: str, status: int, **how: Any) -> Any:
        headers = {"Authorization": f"Bearer {make_token(SECRET, post)}", "Accept-Language": "en"}
        answer = getattr(self.app.test_client(), method)(path, headers=headers, **how)
        assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
        return answer.json if answer.data else None


def plan(**changes: Any) -> dict[str, Any]:
    """A plan that may stand, at NOON."""
    return {
        "due_on": "2026-04-10",
        "quality": "路修好并通车",
        "members": [
            {"post": "office-1-a", "duty": "牵头核查", "responsible": True},
            {"post": "team-1", "duty": "现场走访"},
        ],
    } | changes


def entry(**changes: Any) -> dict[str, Any]:
    """An entry of the record that may be added, at NOON: a contact with the petitioner."""
    return {"kind": "contact", "occurred_on": "2026-03-10", "text": "电话听取诉求"} | changes


def proposal(**changes: Any) -> dict[str, Any]:
    return {"outcome": "upheld", "conclusion": "反映属实，已整改"} | changes
