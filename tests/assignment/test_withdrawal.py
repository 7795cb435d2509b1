"""What leaves by the sealed route leaves no trace here but that it left."""

from uuid import uuid4

from services.assignment.service import SERVICE
from shared.contracts.intake import PetitionWithdrawnV1
from tests.assignment.desk import NOON, entry, plan, proposal
from tests.assignment.test_cases import instruct
from tests.assignment.test_recusal import recuse


def withdraw(desk, petition_id):
    return desk.feed(PetitionWithdrawnV1, petition_id=petition_id, number="ZX2026-000777", withdrawn_at=NOON)


def test_a_withdrawn_petition_takes_its_case_along(desk):
    kept = desk.open()
    petition_id = uuid4()
    case = desk.open(petition_id=petition_id, number="ZX2026-000777")
    desk.step("leader-1", case, "plan", **plan())
    desk.step("office-1-a", case, "handling", **entry())
    instruct(desk, petition_id)
    desk.step("office-1-a", case, "closing", **proposal())
    desk.step("trial-a", case, "checks", level=1, passed=True)
    recuse(desk, "team-1", case)
    desk.again(withdraw(desk, petition_id))
    assert [c["id"] for c in desk.cases("head")] == [kept["id"]]
    desk.get("head", f"/api/cases/{case['id']}", 404)
    instruct(desk, petition_id)  # what still comes is not kept
    desk.accept(petition_id=petition_id, number="ZX2026-000777")
    assert len(desk.cases("head")) == 1
    known = {"withdrawn_petition", "exclusion", "outbox", "ledger_entry"}  # by its id, no more
    assert _tables_that_know(desk, petition_id, case["id"]) == known


def _tables_that_know(desk, petition_id, case_id):
    """The tables in which some row still names the petition or the case."""
    wanted = (str(petition_id), petition_id.hex, case_id, case_id.replace("-", ""))
    found = set()
    with desk.db.read() as session:
        for metadata in SERVICE.all_metadata:
            for table in metadata.sorted_tables:
                rows = session.execute(table.select()).all()
                if any(part in str(tuple(row)) for row in rows for part in wanted):
                    found.add(table.name)
    return found


def test_the_word_of_withdrawal_may_come_first(desk):
    petition_id = uuid4()
    withdraw(desk, petition_id)
    desk.accept(petition_id=petition_id, number="ZX2026-000777")
    assert desk.cases("head") == []
    assert desk.events("case.opened") == []
