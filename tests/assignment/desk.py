"""Assignment alone, as its tests drive it: feed it events, act through its API, see what it recorded."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from services.assignment.cases.models import Case
from services.assignment.service import SERVICE
from shared.contracts.envelope import Envelope
from shared.contracts.intake import PetitionAcceptedV1
from shared.contracts.registry import EventSchema
from shared.runtime.compose import prepare
from shared.runtime.service import Instance
from tests.alone import Alone, handle, made
from tests.ground import settings_for

TOWNSHIP = "420324100"  # leader-1, office-1, team-1, in zone-1 with 420324103 and 420324104
NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)  # a Tuesday, noon in the county


class Desk(Alone):
    """Assignment on SQLite under a directory, unless another database is given."""

    def __init__(
        self, directory: Path, prepared: Path | None = None, database_url: str | None = None
    ) -> None:
        if prepared:
            shutil.copytree(prepared, directory, dirs_exist_ok=True)
        instance = Instance(SERVICE, settings_for(directory, database_url=database_url))
        if not prepared:
            prepare(instance)
        super().__init__(instance)
        self.numbers = 0

    def feed(self, schema: type[EventSchema], **data: Any) -> Envelope:
        """Handle an event in a transaction of its own, as the work loop does."""
        return self.again(made(schema, data["petition_id"], **data))

    def again(self, event: Envelope) -> Envelope:
        """Handle an event that may have been handled before."""
        handle(self.service, self.db, [event])
        return event

    def accept(self, **changes: Any) -> UUID:
        """Accept a petition and give its id; an appeal by name from TOWNSHIP unless told otherwise."""
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
        with self.db.read() as session:
            found: int = session.scalar(select(Case.version).where(Case.id == UUID(case["id"])))
            return found


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
