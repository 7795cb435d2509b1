"""Steps of screening and events of other services, as several tests of intake need them."""

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from werkzeug.test import TestResponse

from services.intake.identities.models import Identity
from services.intake.identities.rules import Person, Purpose
from services.intake.identities.vault import vault_of
from services.intake.service import SERVICE
from shared.contracts.registry import EventSchema
from shared.db.engine import Database
from tests.alone import handle, made
from tests.factories import new_petition
from tests.ground import Ground

CASE = UUID("7d0bb4a8-6f1d-4f2e-9d55-1f4d1d0b7a01")


def at(day: int, hour: int = 2) -> datetime:
    """A moment of March 2026."""
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def step(
    ground: Ground, petition: dict[str, Any], name: str, *, by: str = "clerk-1", **body: Any
) -> TestResponse:
    """POST a step of screening on a petition; its version is that of the petition as given."""
    given = {"version": petition["version"]} | body
    return ground.client("intake", by).post(f"/api/petitions/{petition['id']}/{name}", json=given)


def accepted(ground: Ground, category: str = "appeal", **changes: Any) -> dict[str, Any]:
    """A petition that was accepted, as the API shows it."""
    answer = step(ground, new_petition(ground, **changes), "accept", category=category)
    assert answer.status_code == 200, answer.text
    petition: dict[str, Any] = answer.json
    return petition


def tell(db: Database, schema: type[EventSchema], **data: Any) -> None:
    """Let intake handle an event of another service, in a transaction of its own."""
    handle(SERVICE, db, [made(schema, data["petition_id"], **data)])


def case_data(petition_id: str | UUID, number: str, **more: Any) -> dict[str, Any]:
    """What every event about the case of a petition carries."""
    return {"petition_id": UUID(str(petition_id)), "number": number, "case_id": CASE, **more}


def in_charge(leader: str = "leader-1", office: str = "office-1", team: str = "team-1") -> dict[str, str]:
    return {"leader": leader, "office": office, "team": team}


def people(ground: Ground) -> list[Person]:
    """Everyone whose identity is kept, opened without an entry on the access log."""
    instance = ground.instance("intake")
    vault, found = vault_of(instance), []
    with instance.db.read() as session:
        for one in session.scalars(select(Identity).order_by(Identity.petition_id, Identity.place)):
            opened = vault.unseal(session, one.petition_id, Purpose.PERSON, one.place, one.sealed)
            found += [Person(**json.loads(opened))] if opened else []
    return found


MARCH_20 = date(2026, 3, 20)
