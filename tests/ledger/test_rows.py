"""After whole ways of petitions every row is as the ledger says; what is changed past the service shows."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, text, update

from services.assignment.service import SERVICE as ASSIGNMENT
from services.intake.registration.models import Petition
from shared import clock
from shared.identity.accounts import Account
from shared.identity.recusal import Exclusion
from shared.ledger.rows import check_rows
from shared.ledger.show import acts
from shared.ledger.state import state_rows
from shared.ledger.verify import check_chain
from shared.runtime.compose import prepare
from shared.runtime.service import Instance
from tests.factories import new_petition, whole_way
from tests.ground import Ground, settings_for
from tests.journeys.doors import MARKED, SAID, other_doors, other_ways


def strays(ground: Ground, service: str) -> list[str]:
    return [str(stray) for stray in check_rows(ground.instance(service))]


def test_every_row_is_as_said(together: Ground) -> None:
    petition = whole_way(together, said=SAID, **MARKED)
    other_ways(together)
    other_doors(together, petition["id"])
    together.settle()
    together.stop()
    for name, instance in together.composed.instances.items():
        verdict = check_chain(instance.db, instance.keys)
        assert verdict.fault is None
        assert verdict.entries > 3, name
        assert strays(together, name) == []


def tamper(ground: Ground, statement: str) -> None:
    with ground.instance("intake").db.engine.begin() as connection:
        assert connection.execute(text(statement)).rowcount == 1


def test_what_was_done_past_the_service_shows(stepped: Ground) -> None:
    one, two, three = (new_petition(stepped)["id"] for _ in range(3))
    stepped.loops["intake"].ledger.finish()
    assert strays(stepped, "intake") == []
    hexed = {id_: id_.replace("-", "") for id_ in (one, two, three)}
    tamper(stepped, f"UPDATE petition SET township = '420324101' WHERE id = '{hexed[one]}'")
    tamper(stepped, f"DELETE FROM query_code WHERE petition_id = '{hexed[two]}'")
    tamper(stepped, f"INSERT INTO exclusion (petition_id, unit) VALUES ('{hexed[three]}', 'office-1')")
    tamper(stepped, "UPDATE outbox SET body = replace(body, '420324100', '420324101') WHERE seq = 1")
    found = strays(stepped, "intake")
    assert [(line.split()[0], line.split()[3]) for line in found] == [
        ("exclusion", "put"),
        ("outbox", "changed"),
        ("petition", "changed"),
        ("query_code", "deleted"),
    ]
    assert f"petition {one}: was changed past the application (last in entry" in found[2]
    assert three in found[0] and "office-1" not in found[0]


def test_a_repair_by_hand_can_be_stated(stepped: Ground) -> None:
    petition = new_petition(stepped)
    id_ = petition["id"].replace("-", "")
    tamper(stepped, f"UPDATE petition SET place = '' WHERE id = '{id_}'")
    instance = stepped.instance("intake")
    assert len(strays(stepped, "intake")) == 1
    assert state_rows(instance) > 50
    assert strays(stepped, "intake") == []
    stepped.loops["intake"].ledger.finish()
    assert check_chain(instance.db, instance.keys).fault is None


def test_bulk_changes_are_seen(stepped: Ground) -> None:
    """What goes round the unit of work: rows that an UPDATE, DELETE or INSERT of many touches."""
    ids = [UUID(new_petition(stepped)["id"]) for _ in range(3)]
    instance = stepped.instance("intake")
    with instance.db.write() as session:
        change = update(Petition).where(Petition.id.in_(ids[:2])).values(place="x")
        assert session.execute(change).rowcount == 2
        session.execute(insert(Exclusion), [{"petition_id": each, "unit": "office-1"} for each in ids])
    with instance.db.write() as session:
        gone = delete(Exclusion).where(Exclusion.petition_id == ids[0])
        assert session.execute(gone).rowcount == 1
        session.execute(update(Petition.__table__).where(Petition.id == ids[2]).values(place="y"))
        with pytest.raises(TypeError, match="RETURNING"):
            session.execute(delete(Exclusion).returning(Exclusion.unit))
    with instance.db.read() as session:
        *_before, first, second = acts(session)
    done = sorted((change[0], change[2]) for change in first.changes)
    assert done == [("exclusion", "insert")] * 3 + [("petition", "update")] * 2
    assert [(c[0], c[2]) for c in second.changes] == [("exclusion", "delete"), ("petition", "update")]
    assert strays(stepped, "intake") == []


@pytest.mark.postgres
def test_a_row_that_another_changed_meanwhile_is_digested_as_it_is(
    fresh_database: Callable[[], str], tmp_path: Path
) -> None:
    """Two transactions change other columns of a row without a version: memory would hold old values."""
    instance = Instance(ASSIGNMENT, settings_for(tmp_path, database_url=fresh_database()))
    prepare(instance)
    with instance.db.write() as session:
        account = session.scalars(select(Account).order_by(Account.post)).first()
        assert account is not None
        with instance.db.write() as other:
            other.execute(update(Account).where(Account.post == account.post).values(unit="elsewhere"))
        account.disabled_at = clock.now()
    with instance.db.read() as session:
        changed = session.get_one(Account, account.post)
        assert changed.unit == "elsewhere" and changed.disabled_at
    assert list(check_rows(instance)) == []
    instance.db.close()
