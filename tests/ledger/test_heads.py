"""A ledger that was rewritten, however soundly, shows at the others; so does one that went back."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from shared import clock
from shared.ledger import heads, watch
from shared.ledger.chain import hash_of
from shared.ledger.gather import note
from shared.ledger.models import LedgerEntry, LedgerHead
from shared.ledger.verify import check_chain
from shared.runtime.check import check_service
from tests.factories import new_petition, whole_way
from tests.ground import Ground

INTAKE = "/local/intake"
OTHERS = ("assignment", "supervision", "notify", "reporting")


def sign_all(ground: Ground) -> None:
    for loops in ground.loops.values():
        loops.ledger.finish()


def rewrite(ground: Ground, service: str, position: int) -> None:
    """Alter an entry and make all that follow it, and the service's own heads, sound again.

    Done by who holds the database and the signing key: alone, the ledger says nothing of it.
    """
    instance = ground.instance(service)
    columns = LedgerEntry.__table__.columns
    with instance.db.engine.begin() as connection:
        chained = select(*columns).where(LedgerEntry.position.is_not(None)).order_by(LedgerEntry.position)
        rows = connection.execute(chained).mappings().all()
        prev = ""
        for row in rows:
            changed: dict[str, Any] = dict(row) | {"prev": prev}
            if row["position"] == position:
                changed["acts"] = json.dumps([["somebody-else", "nothing", [], []]])
            prev = hash_of(changed, row["position"], prev)
            connection.execute(
                text("UPDATE ledger_entry SET acts = :acts, prev = :prev, hash = :hash WHERE seq = :seq"),
                {"acts": changed["acts"], "prev": changed["prev"], "hash": prev, "seq": row["seq"]},
            )
        connection.execute(text("DELETE FROM ledger_head WHERE source = :source"), {"source": INTAKE})
    assert check_chain(instance.db, instance.keys).fault is None


def heard(ground: Ground, service: str, source: str = INTAKE) -> list[LedgerHead]:
    found = ground.rows(service, LedgerHead, LedgerHead.source == source)
    return sorted(found, key=lambda head: (head.signed_at, head.position))


def test_everybody_hears_everybodys_head(stepped: Ground) -> None:
    whole_way(stepped, settle=stepped.carry)
    sign_all(stepped)
    stepped.carry()
    for service in stepped.composed.instances:
        for other in stepped.composed.instances:
            if other != service:
                (*_, head) = heard(stepped, service, f"/local/{other}")
                assert head.problem is None
        for source in watch.sources(stepped.instance(service)):
            assert watch.compare(stepped.instance(service), source) is None
        assert len(watch.sources(stepped.instance(service))) == 4


def test_a_soundly_rewritten_chain_shows_at_all_others(stepped: Ground) -> None:
    for _ in range(3):
        new_petition(stepped)
    for _ in range(2):  # what the others answered is signed too
        sign_all(stepped)
        stepped.carry()
    rewrite(stepped, "intake", 2)
    for service in OTHERS:
        problem = watch.compare(stepped.instance(service), INTAKE)
        assert problem is not None and "rewritten" in problem
        client = stepped.client(service, "operator-1")
        client.set_cookie("huajie-language", "en")
        operator = client.get("/ops").text
        assert "The ledger of 1 other service is not as it was told here." in operator
        lines = check_service(stepped.instance(service))
        assert any(not ok and f"the ledger of {INTAKE} is not as it told" in line for ok, line in lines)
    # And by itself, as soon as it signs a head where it had signed one before.
    stepped.loops["intake"].ledger.finish()
    stepped.carry()
    assert [head.problem for head in heard(stepped, "notify")][-1] == "contradicts"


def test_a_ledger_that_went_back_stays_an_alarm_until_it_is_acknowledged(stepped: Ground) -> None:
    """The data of intake go back to a copy; later the operator says so, and the others put it away."""
    instance, notify = stepped.instance("intake"), stepped.instance("notify")
    new_petition(stepped)
    sign_all(stepped)
    stepped.carry()
    with instance.db.engine.begin() as connection:
        (before,) = connection.execute(text("SELECT max(position) FROM ledger_entry")).one()
    for _ in range(3):
        new_petition(stepped)
    sign_all(stepped)
    stepped.carry()
    later = timedelta(hours=1)
    with clock.travel(clock.now() + later):
        with instance.db.engine.begin() as connection:
            for statement in (
                "DELETE FROM ledger_entry WHERE position > :position",
                "DELETE FROM ledger_head WHERE source = '/local/intake' AND position > :position",
            ):
                connection.execute(text(statement), {"position": before})
        assert "shorter" in (watch.compare(notify, INTAKE) or "")
        with instance.db.write() as session:
            note(session, "ledger.restored", before)
        sign_all(stepped)
        stepped.carry()
        assert [head.problem for head in heard(stepped, "notify")][-1] == "went_back"
        with notify.db.write() as session:
            assert len(heads.alarms(session)) == 2
            assert heads.acknowledge(session, INTAKE, "backup of 03:00 restored after a broken disk") == 3
            assert heads.alarms(session) == []
        new_petition(stepped)
        sign_all(stepped)
        stepped.carry()
        assert heard(stepped, "notify")[-1].problem is None
        assert watch.compare(notify, INTAKE) is None
    assert {head.reason for head in heard(stepped, "notify") if head.acknowledged_at} == {
        "backup of 03:00 restored after a broken disk"
    }


def test_a_head_that_somebody_else_signed_is_an_alarm(stepped: Ground) -> None:
    new_petition(stepped)
    sign_all(stepped)
    mine = "type LIKE '%ledger.signed%'"
    with stepped.instance("intake").db.engine.begin() as connection:
        body = connection.execute(text(f"SELECT body FROM outbox WHERE {mine}")).scalar_one()
        forged = json.loads(body)
        forged["data"]["hash"] = "0" * 64
        told = {"body": json.dumps(forged)}
        connection.execute(text(f"UPDATE outbox SET body = :body WHERE {mine}"), told)
    stepped.carry()
    assert [head.problem for head in heard(stepped, "notify")] == ["unsigned"]


def test_hashes_are_for_services_only(stepped: Ground) -> None:
    for post in (None, "operator-1", "head"):
        assert stepped.client("intake", post).get("/ledger/hashes?position=1").status_code == 401


@pytest.mark.rabbitmq
@pytest.mark.postgres
def test_the_same_on_rabbitmq_and_postgresql(apart: Ground) -> None:
    for _ in range(3):
        new_petition(apart)
    apart.settle()
    sign_all(apart)
    apart.settle()
    for service in OTHERS:
        assert watch.compare(apart.instance(service), INTAKE) is None
    rewrite(apart, "intake", 2)
    for service in OTHERS:
        problem = watch.compare(apart.instance(service), INTAKE)
        assert problem is not None and "rewritten" in problem


def test_the_watch_keeps_what_it_found_for_the_operator(stepped: Ground) -> None:
    new_petition(stepped)
    sign_all(stepped)
    instance = stepped.instance("intake")
    operator = stepped.client("intake", "operator-1")
    operator.set_cookie("huajie-language", "en")
    assert watch.is_due(instance, watch.OWN)
    assert watch.verify_own(instance) is None
    assert not watch.is_due(instance, watch.OWN)
    assert "sound" in operator.get("/ops").text
    with instance.db.engine.begin() as connection:
        connection.execute(text("UPDATE ledger_entry SET acts = '[]' WHERE position = 2"))
    assert "entry 2: was altered" in (watch.verify_own(instance) or "")
    page = operator.get("/ops").text
    assert "The ledger is broken" in page and "The first 1 entries are sound." in page
    assert any(not ok and "entry 2" in line for ok, line in check_service(instance))
