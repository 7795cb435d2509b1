"""The same on PostgreSQL, where rows are locked and types are strict."""

from datetime import date, timedelta
from hashlib import sha256

import pytest

from services.supervision.service import SERVICE
from shared import clock
from shared.runtime.compose import prepare
from shared.runtime.service import Instance
from tests.ground import settings_for
from tests.supervision.desk import NOON, Desk, Petition

pytestmark = pytest.mark.postgres


def test_clocks_run_and_are_withdrawn(fresh_database, tmp_path):
    with clock.travel(NOON) as move:
        instance = Instance(SERVICE, settings_for(tmp_path, database_url=fresh_database()))
        prepare(instance)
        desk = Desk(instance)
        kept, gone = Petition(organ="petition_bureau"), Petition()
        desk.feed_together([kept.registered(), gone.registered(), gone.accepted(1), gone.opened(2)])
        desk.feed_together([gone.planned(3, date(2026, 4, 10)), gone.withdrawn(4)])
        move(timedelta(days=40))
        desk.run()
        (row,) = desk.clocks("supervisor-1", "?light=red")
        assert row["number"] == kept.number
        assert len(desk.events("clock.expired")) == 1
        assert desk.get("head", "/api/clocks/summary")["lights"]["red"] == 1
        desk.close()


def test_a_letter_is_issued_and_survives_its_clock(fresh_database, tmp_path):
    with clock.travel(NOON) as move:
        instance = Instance(SERVICE, settings_for(tmp_path, database_url=fresh_database()))
        prepare(instance)
        desk = Desk(instance)
        petition = Petition()
        desk.feed_together([petition.registered(), petition.accepted(1), petition.opened(2)])
        move(timedelta(days=40))
        desk.run()
        late = desk.get("supervisor-1", "/api/letters/late-matters?unit=leader-1")
        body = {"addressee": "leader-1", "clock_ids": [late[0]["id"]], "reply_by": "2026-05-09"}
        letter = desk.post("supervisor-1", "/api/letters", **body)
        path = f"/api/letters/{letter['id']}"
        desk.post("supervisor-1", f"{path}/issue", 200, version=letter["version"])
        desk.feed(petition.withdrawn(40))
        file = desk.client("leader-1").get(f"{path}/file").data
        assert sha256(file).hexdigest() == desk.get("leader-1", path)["sha256"]
        desk.close()
