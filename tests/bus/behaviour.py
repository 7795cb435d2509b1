"""What every transport must do, run on kombu's memory bus and on RabbitMQ alike."""

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.bus.work import dismiss, run_again
from shared.contracts import registry
from shared.contracts.assignment import CaseOpenedV1
from shared.contracts.intake import PetitionAcceptedV1, PetitionRegisteredV1
from shared.contracts.registry import contract_of, event
from shared.db.inbox import Inbox, State
from tests.bus.bad import KEY, every_bad, every_misfit, good_body
from tests.bus.partners import event_for_partners
from tests.bus.station import Station, until

MakeStation = Callable[..., Station]


class BusBehaviour:
    """Subclasses give the fixture `bus`: the address of an empty bus."""

    @pytest.fixture
    def station(self, bus: str, tmp_path: Path, request: pytest.FixtureRequest) -> MakeStation:
        """Makes stations that are ended with the test."""

        def make(**options: Any) -> Station:
            station = Station(tmp_path, bus, **options)
            request.addfinalizer(lambda: station.__exit__(None, None, None))
            return station

        return make

    def test_an_event_arrives_and_is_handled_once(self, station: MakeStation) -> None:
        listener, sender = station().listen(), station(service="intake")
        ids = sender.publish()
        listener.wait_for(1)
        assert listener.work_off() == ids
        (row,) = listener.inbox()
        assert (row.source, row.state, row.attempts) == ("/local/intake", State.DONE, 1)
        assert row.body.decode() == sender.outbox()[0].body

    def test_only_what_was_bound_arrives(self, station: MakeStation) -> None:
        listener = station(listens=[PetitionRegisteredV1, CaseOpenedV1]).listen()
        intake, assignment = station(service="intake"), station(service="assignment")
        unwanted = station(service="other", listens=[PetitionAcceptedV1]).listen()
        intake.publish(PetitionAcceptedV1)
        wanted = intake.publish(PetitionRegisteredV1) + assignment.publish(CaseOpenedV1)
        listener.wait_for(2)
        unwanted.wait_for(1)
        assert sorted(listener.work_off()) == sorted(wanted)

    def test_the_star_takes_any_agency_and_one_word_only(self, station: MakeStation) -> None:
        with event_for_partners() as told:
            listener = station(listens=[told], believes={"/north-2/intake"}.__contains__).listen()
            sender = station(service="intake", agency="north-2")
            key = contract_of(told).key
            sender.send(good_body("too-many-words"), f"north.2.{key}")
            sender.send(good_body("too-few-words"), key)
            sender.send(good_body("other-version"), f"north-2.{key}0")
            ids = sender.publish(told)
            listener.wait_for(1)
            assert listener.work_off() == ids
            assert [row.source for row in listener.inbox()] == ["/north-2/intake"]

    def test_internal_events_of_another_agency_do_not_come_in(self, station: MakeStation) -> None:
        listener, sender = station().listen(), station(service="intake", agency="north")
        sender.publish()
        ids = station(service="intake").publish()
        listener.wait_for(1)
        assert listener.work_off() == ids
        assert listener.parked() == {}

    def test_an_internal_event_that_a_wide_binding_let_in_is_parked(self, station: MakeStation) -> None:
        listener = station(bindings=["*." + KEY.partition(".")[2]]).listen()
        (id_,) = station(service="intake", agency="north").publish()
        listener.wait_for(1)
        with listener.db.write() as session:
            assert run_again(session, [("/north/intake", id_)]) == 1
        assert listener.work_off() == []
        assert "an internal event of another agency" in listener.parked()[id_]

    def test_a_stranger_waits_until_the_operator_knows_it(self, station: MakeStation) -> None:
        known: set[str] = set()
        with event_for_partners() as told:
            listener = station(listens=[told], believes=known.__contains__).listen()
            (id_,) = station(service="intake", agency="north").publish(told)
            listener.wait_for(1)
            assert listener.work_off() == []
            assert "put its .pub into KEYS_DIR" in listener.parked()[id_]
            known.add("/north/intake")
            with listener.db.write() as session:
                run_again(session, [("/north/intake", id_)])
            assert listener.work_off() == [id_]

    def test_a_service_does_not_hear_itself(self, station: MakeStation) -> None:
        with event_for_partners() as told:
            intake = station(service="intake", listens=[told]).listen()
            other = station(listens=[told]).listen()
            ids = intake.publish(told, times=2)
            other.wait_for(2)
            assert other.work_off() == ids
            intake.leave()
            assert intake.inbox() == []

    def test_each_service_gets_its_own(self, station: MakeStation) -> None:
        one, other = station(service="one").listen(), station(service="other").listen()
        ids = station(service="intake").publish(times=3)
        for listener in (one, other):
            listener.wait_for(3)
            assert listener.work_off() == ids

    def test_order_is_kept(self, station: MakeStation) -> None:
        listener = station().listen()
        ids = station(service="intake").publish(times=300)
        listener.wait_for(300)
        assert listener.work_off() == ids

    def test_a_thousand_times_the_same_is_once(self, station: MakeStation) -> None:
        listener = station().listen()
        listener.send(good_body("same"), KEY, times=1000)
        listener.send(good_body("last"), KEY)
        listener.wait_for(2)
        assert sorted(listener.work_off()) == ["last", "same"]
        listener.send(good_body("same"), KEY)
        listener.send(good_body("after"), KEY)
        listener.wait_for(3)
        assert sorted(listener.work_off()) == ["after", "last", "same"]

    @every_bad
    def test_a_bad_message_is_kept_and_the_next_flows(
        self, station: MakeStation, body: bytes, key: str, reason: str
    ) -> None:
        listener = station().listen()
        listener.send(body, key)
        listener.send(body, key)
        listener.send(good_body("good"), KEY)
        listener.wait_for(2)
        assert listener.work_off() == ["good"]
        (why,) = listener.parked().values()
        assert reason in why

    @every_misfit
    def test_what_breaks_its_contract_is_parked_at_work(
        self, station: MakeStation, body: bytes, key: str, reason: str
    ) -> None:
        listener = station().listen()
        listener.send(body, key)
        listener.send(good_body("good"), KEY)
        listener.wait_for(2)
        assert listener.work_off() == ["good"]
        (why,) = listener.parked().values()
        assert reason in why

    def test_a_compressed_bomb_is_not_unpacked(self, station: MakeStation) -> None:
        listener = station().listen()
        bomb = zlib.compress(bytes(50_000_000))
        listener.send(bomb, KEY, headers={"compression": "application/x-gzip"})
        listener.wait_for(1)
        assert [row.body for row in listener.inbox(Inbox.state == State.PARKED)] == [bomb]

    def test_a_compressed_lie_is_kept_too(self, station: MakeStation) -> None:
        listener = station().listen()
        listener.send(b"not deflated", KEY, headers={"compression": "application/x-gzip"})
        listener.send(good_body("good"), KEY)
        listener.wait_for(2)
        assert listener.work_off() == ["good"]
        assert len(listener.parked()) == 1

    def test_a_forged_message_does_not_take_the_place_of_the_true_one(self, station: MakeStation) -> None:
        with event_for_partners() as told:
            listener = station(listens=[told], believes={"/north/intake"}.__contains__).listen()
            forged, true = (contract_of(told).type_for(agency) for agency in ("local", "north"))
            stolen = good_body("stolen-id", type=true, source="/north/intake")
            listener.send(stolen, forged)
            listener.send(stolen, true)
            listener.wait_for(2)
            assert listener.work_off() == ["stolen-id"]
            assert [row.source for row in listener.inbox(Inbox.state == State.PARKED)] == ["forged"]

    def test_dismissed_stays_on_file_and_run_again_tries_again(self, station: MakeStation) -> None:
        listener = station().listen()
        listener.send(good_body("one", data={}), KEY)
        listener.send(good_body("two", data={}), KEY)
        listener.wait_for(2)
        listener.work_off()
        with listener.db.write() as session:
            assert dismiss(session, [("/local/intake", "one")], "sent by mistake") == 1
            assert run_again(session, [("/local/intake", "two"), ("/local/intake", "one")]) == 1
        listener.work_off()
        states = {row.id: (row.state, row.dismissed_reason) for row in listener.inbox()}
        assert states == {"one": (State.DISMISSED, "sent by mistake"), "two": (State.PARKED, None)}
        listener.send(good_body("one"), KEY)  # a second delivery changes nothing
        listener.send(good_body("three"), KEY)
        listener.wait_for(3)
        assert listener.work_off() == ["three"]

    def test_a_future_version_waits_parked_for_the_upgrade(
        self, station: MakeStation, request: pytest.FixtureRequest
    ) -> None:
        future = KEY[:-1] + "9"
        old = station(bindings=[future]).listen()
        old.send(good_body("from-the-future", type=future), future)
        old.wait_for(1)
        assert old.work_off() == []
        assert "upgrade this service and run it again" in old.parked()["from-the-future"]
        old.leave()

        request.addfinalizer(lambda: registry._CONTRACTS.pop("intake.petition.registered.v9", None))
        upgraded = event("petition.registered", version=9, owner="intake")(
            type("PetitionRegisteredV9", (PetitionRegisteredV1,), {"__doc__": "As it may be one day."})
        )
        new = station(listens=[upgraded])
        with new.db.write() as session:
            assert run_again(session, [("/local/intake", "from-the-future")]) == 1
        assert new.work_off() == ["from-the-future"]
        assert contract_of(upgraded).version == 9

    def test_a_consumer_that_left_and_came_back_goes_on(self, station: MakeStation) -> None:
        listener, sender = station().listen(), station(service="intake")
        first = sender.publish()
        listener.wait_for(1)
        listener.leave()
        listener.listen()
        second = sender.publish()
        until(lambda: listener.revived == 2, "the second start")
        listener.wait_for(2)
        assert listener.work_off() == first + second
