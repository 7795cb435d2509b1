"""A case on the bus: what intake accepts is opened here, and what is done here everybody hears."""

from uuid import UUID, uuid4

from shared import clock
from shared.calendar import after_working_days
from shared.contracts.intake import PetitionAcceptedV1, PetitionRatedV1
from shared.db.outbox import record
from tests.assignment.desk import entry, plan, proposal
from tests.ground import Ground


def say(ground: Ground, schema, petition_id, **data):
    """Record an event of intake, as screening and the portal do."""
    with ground.instance("intake").db.write() as session:
        record(session, schema, subject=petition_id, petition_id=petition_id, number="ZX2026-000123", **data)
    ground.settle()


def accepted(ground: Ground) -> UUID:
    petition_id = uuid4()
    say(
        ground,
        PetitionAcceptedV1,
        petition_id,
        category="appeal",
        procedure="petition",
        organ="commission",
        signature="real_name",
        township="420324100",
        excluded=["office-1"],
        superior_assigned=False,
        received_on=clock.today(),
        accepted_at=clock.now(),
    )
    return petition_id


def step(ground: Ground, post, name, **body):
    (case,) = ground.client("assignment", "head").get("/api/cases").json["items"]
    path = f"/api/cases/{case['id']}/{name}"
    answer = ground.client("assignment", post).post(path, json={"version": case["version"], **body})
    assert answer.status_code == 201, answer.text
    return answer.json


def test_from_acceptance_to_the_second_round(together: Ground) -> None:
    petition_id = accepted(together)
    today = clock.today().isoformat()
    members = [
        {"post": "office-2-a", "duty": "牵头", "responsible": True},
        {"post": "team-1", "duty": "协助"},
    ]
    due = after_working_days(clock.today(), 10).due_on.isoformat()
    step(together, "leader-1", "plan", **plan(members=members, due_on=due))
    step(together, "office-2-a", "handling", **entry(occurred_on=today))
    step(together, "office-2-a", "closing", **proposal())
    step(together, "trial-a", "checks", level=1, passed=True)
    step(together, "leader-1", "checks", level=2, passed=True)
    step(together, "clerk-1", "replies", round=1, means="letter", replied_on=today)
    together.settle()
    say(together, PetitionRatedV1, petition_id, rating="dissatisfied", round=1, rated_at=clock.now())
    told = [event.contract.name for event in together.outbox("assignment")]
    assert told == [
        "case.opened",
        "plan.fixed",
        "handling.recorded",
        "closing.proposed",
        "closing.checked",
        "closing.checked",
        "case.closed",
        "reply.given",
        "case.reopened",
    ]
    reopened = together.outbox("assignment")[-1]
    assert reopened.data["office"] not in ("office-1", "office-2")  # excluded; handled the first round
    assert reopened.causationid
    assert together.client("assignment", "office-1-a").get("/api/cases").json["items"] == []
