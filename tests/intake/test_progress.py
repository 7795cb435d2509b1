"""Intake's projection: the same however often and in whatever order the events come."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from services.intake.base import Base
from services.intake.identities import rotation
from services.intake.identities.vault import vault_of
from services.intake.progress.commands import forget
from services.intake.progress.models import Progress, ProgressClock, ProgressStep
from services.intake.registration.commands import register
from services.intake.registration.rules import NewPetition
from services.intake.service import SERVICE
from shared.contracts import assignment, supervision
from shared.contracts.registry import EventSchema, contract_of
from shared.county import load_county
from shared.db.base import SharedBase
from shared.db.engine import Database
from shared.identity.recusal import Exclusion, excluded_units
from shared.runtime.service import Instance
from tests.factories import new_petition
from tests.ground import Ground, settings_for
from tests.intake.steps import MARCH_20, at, case_data, in_charge, step, tell

PETITION = UUID("0c6cfb15-6a9f-4d6c-8b0e-26f6f9a5a001")
CLOCK = UUID("0c6cfb15-6a9f-4d6c-8b0e-26f6f9a5a002")
ENTRY = UUID("0c6cfb15-6a9f-4d6c-8b0e-26f6f9a5a003")
NUMBER = "ZX2026-000001"
of_clock = {"clock_id": CLOCK, "duty": "handling", "holder": "office-1"}

# One way of a case, in the order in which it happened.
WAY: list[tuple[type[EventSchema], dict[str, Any]]] = [
    (
        assignment.CaseOpenedV1,
        in_charge() | {"township": "420324100", "superior_assigned": False, "opened_at": at(2)},
    ),
    (
        supervision.ClockStartedV1,
        of_clock | {"due_on": at(10).date(), "started_on": at(2).date(), "provisional": False},
    ),
    (
        assignment.CaseReroutedV1,
        in_charge("leader-2", "office-2")
        | {"reason": "recusal", "excluded": ["leader-1", "office-1"], "rerouted_at": at(3)},
    ),
    (assignment.PlanFixedV1, {"plan_version": 1, "due_on": MARCH_20, "members": 2, "fixed_at": at(4)}),
    (
        assignment.HandlingRecordedV1,
        {"entry_id": ENTRY, "kind": "visit", "occurred_on": at(5).date()},
    ),
    (
        supervision.ClockMovedV1,
        of_clock
        | {
            "due_on": MARCH_20,
            "first_due_on": at(10).date(),
            "reason": "extension",
            "moved_at": at(6),
        },
    ),
    (assignment.CaseClosedV1, {"round": 1, "outcome": "explained", "closed_at": at(8)}),
    (
        supervision.ClockStoppedV1,
        of_clock | {"due_on": MARCH_20, "stopped_on": at(8).date(), "done": True, "late": False},
    ),
    (assignment.ReplyGivenV1, {"round": 1, "means": "letter", "replied_on": at(9).date()}),
    (
        assignment.CaseReopenedV1,
        in_charge("leader-2", "office-3") | {"round": 2, "reason": "dissatisfied", "reopened_at": at(11)},
    ),
]


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """Intake's database with one petition."""
    made = Instance(SERVICE, settings_for(tmp_path_factory.mktemp("progress")))
    for metadata in (Base.metadata, SharedBase.metadata):
        metadata.create_all(made.db.engine)
    rotation.prepare(made)
    new = NewPetition(channel="web", text="路灯", received_on=at(1).date(), petition_id=PETITION)
    with made.db.write() as session:
        register(session, new, by="portal", county=load_county(), vault=vault_of(made))
    return made.db


def after(db: Database, order: list[int]) -> list[Any]:
    """What the projection holds after the events came in an order."""
    with db.write() as session:
        forget(session, PETITION)
        session.execute(delete(Exclusion))
    for index in order:
        schema, data = WAY[index]
        base = case_data(PETITION, NUMBER)
        tell(db, schema, **({k: v for k, v in base.items() if k in schema().fields} | data))
    with db.read() as session:
        held: list[Any] = [sorted(excluded_units(session, PETITION))]
        for table in (Progress, ProgressClock, ProgressStep):
            columns = [c for c in table.__table__.columns if c.name != "at"]
            held.append(sorted(map(str, session.execute(select(*columns)).all())))
        return held


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(range(len(WAY))),
    twice=st.lists(st.integers(0, len(WAY) - 1), max_size=6, unique=True),
)
def test_order_and_repetition_do_not_matter(db: Database, order: list[int], twice: list[int]) -> None:
    assert after(db, [*order, *twice]) == after(db, list(range(len(WAY))))


def test_what_it_holds_at_the_end(db: Database) -> None:
    after(db, list(range(len(WAY))))
    with db.read() as session:
        progress = session.get_one(Progress, PETITION)
        assert (progress.leader, progress.office, progress.round) == ("leader-2", "office-3", 2)
        assert (progress.closed_round, progress.replied_round, progress.outcome) == (1, 1, "explained")
        held = session.get_one(ProgressClock, CLOCK)
        assert (held.due_on, held.done) == (MARCH_20, True)
        kinds = set(session.scalars(select(ProgressStep.kind)))
    assert kinds == {
        "opened",
        "rerouted",
        "planned",
        "handled",
        "extended",
        "closed",
        "replied",
        "reopened",
    }


def test_a_petition_of_another_intake_is_none_of_ours(stepped: Ground) -> None:
    for schema, data in WAY:
        base = case_data(PETITION, NUMBER)
        given_fields = {k: v for k, v in base.items() if k in schema().fields} | data
        tell(stepped.instance("intake").db, schema, **given_fields)
    for table in (Progress, ProgressClock, ProgressStep, Exclusion):
        assert stepped.rows("intake", table) == []


def test_every_handler_is_walked() -> None:
    of_petitions = {s for s in SERVICE.subscribes if contract_of(s).name != "ledger.signed"}
    assert {schema for schema, _data in WAY} == of_petitions


def test_who_is_in_charge_sees_the_petition_and_who_was_does_not(stepped: Ground) -> None:
    petition = new_petition(stepped)
    step(stepped, petition, "accept", category="appeal")
    path = f"/api/petitions/{petition['id']}"
    see: Callable[[str], int] = lambda post: stepped.client("intake", post).get(path).status_code  # noqa: E731
    base = case_data(petition["id"], petition["number"])
    tell(stepped.instance("intake").db, WAY[0][0], **base, **WAY[0][1])
    assert [see(p) for p in ("leader-1", "office-1-a", "team-1", "leader-2")] == [200, 200, 200, 404]
    tell(stepped.instance("intake").db, WAY[2][0], **base, **WAY[2][1])
    assert [see(p) for p in ("leader-1", "office-1-a", "team-1", "leader-2")] == [404, 404, 200, 200]
