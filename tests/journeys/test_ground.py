"""The test ground itself: waiting is exact, and it tells what is stuck."""

import pytest
from sqlalchemy import update

from shared.contracts.intake import PetitionRegisteredV1
from shared.contracts.registry import contract_of
from shared.db.inbox import Arrival, Inbox, State, receive
from tests.factories import new_petition
from tests.ground import Ground

REGISTERED = contract_of(PetitionRegisteredV1).key


def test_settle_returns_when_everybody_has_handled_it(together: Ground) -> None:
    number = new_petition(together)["number"]
    together.settle()
    (event,) = together.outbox("intake", REGISTERED)
    assert event.data["number"] == number
    for service in together.services:
        if REGISTERED in service.keys:
            (row,) = together.rows(service.name, Inbox, Inbox.id == event.id)
            assert row.state == State.DONE


def test_the_same_by_hand(stepped: Ground) -> None:
    new_petition(stepped)
    assert stepped.stuck() == ["intake: 1 in the outbox"] + [
        f"{service.name}: {REGISTERED} has not arrived"
        for service in stepped.services
        if REGISTERED in service.keys
    ]
    stepped.carry()
    assert stepped.stuck() == []


def test_settle_tells_what_is_parked(together: Ground) -> None:
    with together.instance("notify").db.write() as session:
        receive(session, [Arrival(b"no event")], set())
    with pytest.raises(AssertionError, match="notify: unreadable .not JSON"):
        together.settle()


def test_each_test_begins_with_empty_databases(together: Ground) -> None:
    assert together.outbox("intake") == []
    with together.instance("intake").db.write() as session:
        session.execute(update(Inbox).values(attempts=0))
    together.settle()


def test_a_client_is_signed_in_as_its_post(together: Ground) -> None:
    assert together.client("intake", "office-1-a").get("/api/me").json["unit"] == "office-1"
    assert together.client("intake", None).get("/api/me").status_code == 401
