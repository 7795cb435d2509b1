"""From the register at intake to the clock at supervision, and on to those who hear of it."""

from services.supervision.service import SERVICE
from shared.db.outbox import Outbox
from tests.factories import new_petition


def test_a_registered_petition_is_on_its_clock(stepped):
    petition = new_petition(stepped)
    stepped.carry()
    head = stepped.client("supervision", "head")
    (clock,) = head.get(f"/api/clocks?petition_id={petition['id']}").json["items"]
    assert (clock["duty"], clock["number"]) == ("decision", petition["number"])
    assert clock["started_on"] == petition["received_on"]
    assert stepped.outbox("supervision", "supervision.clock.started.v1")
    assert stepped.rows("supervision", Outbox, Outbox.published_at.is_(None)) == []


def test_the_timers_have_nothing_to_do_without_clocks(stepped):
    instance = stepped.instance("supervision")
    assert [task.run(instance) for task in SERVICE.tasks] == [False, False]
    assert stepped.outbox("supervision") == []
