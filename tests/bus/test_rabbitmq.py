"""The bus on RabbitMQ: what the memory bus does, and what only a broker can do or suffer."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Queue

from shared.bus import topology
from shared.bus.confirms import PikaPublisher
from shared.bus.connection import connect
from shared.bus.publisher import BrokerDown, Outcome, Outgoing
from shared.bus.relay import replay_unrouted
from shared.contracts.envelope import MAX_BYTES
from tests.bus.bad import KEY, good_body
from tests.bus.behaviour import BusBehaviour, MakeStation
from tests.bus.proxy import HoldingProxy
from tests.bus.station import until
from tests.servers import RabbitMQ

pytestmark = [pytest.mark.rabbitmq, pytest.mark.timeout(180)]


def kill(rabbit: RabbitMQ) -> None:
    """Kill the broker, whose queues are on its disk.

    RabbitMQ 3.10 writes the register of its newest quorum queues only after some minutes; killed before, it
    comes back with a queue that never finds its leader. Catch-up brings us past that (tests/chaos).
    """
    rabbit.ctl("eval", "[dets:sync(Table) || Table <- dets:all()].")
    rabbit.kill()


class TestRabbitMQ(BusBehaviour):
    @pytest.fixture
    def bus(self, rabbit: RabbitMQ) -> str:
        return rabbit.url

    @pytest.mark.parametrize("moment", ["before the commit", "between commit and ack"])
    def test_a_consumer_killed_with_a_message_in_hand(
        self, station: MakeStation, tmp_path: Path, moment: str
    ) -> None:
        listener, sender = station(), station(service="intake")
        listener.declare()
        ids = sender.publish(times=5)
        command = [
            sys.executable,
            "-m",
            "tests.bus.killed",
            listener.url,
            str(listener.db.engine.url),
            moment,
        ]
        killed = subprocess.run(command, check=False, timeout=60)
        assert killed.returncode == -signal.SIGKILL
        kept = len(listener.inbox())  # of the first batch, which may not be all
        assert kept == 0 if moment == "before the commit" else 0 < kept <= 5
        listener.listen()
        listener.wait_for(5)
        listener.send(good_body("last"), KEY)
        listener.wait_for(6)
        assert listener.work_off() == [*ids, "last"]

    def test_unroutable_is_published_marked_and_replayed(self, station: MakeStation) -> None:
        sender = station(service="intake")
        (id_,) = sender.publish()
        (row,) = sender.outbox()
        assert (row.published_at is not None, row.unrouted) == (True, True)
        listener = station().listen()
        with sender.db.write() as session:
            assert replay_unrouted(session) == 1
        sender.relay_all()
        listener.wait_for(1)
        assert listener.work_off() == [id_]
        assert [row.unrouted for row in sender.outbox()] == [False]

    def test_what_cannot_be_stored_lies_in_the_dead_queue(self, station: MakeStation) -> None:
        listener = station().listen()
        body = good_body() + b" " * MAX_BYTES
        listener.send(body, KEY)
        listener.wait_for(1)
        dead = topology.dead_name("local", "listener")
        with connect(listener.url) as connection, connection.channel() as channel:
            queue = Queue(dead, channel=channel, no_declare=True)
            message = until(queue.get, "the message in the dead queue")
            assert message.body == body
            message.reject()

    def test_the_broker_is_killed_and_comes_back(self, station: MakeStation, rabbit: RabbitMQ) -> None:
        listener, sender = station().listen(), station(service="intake")
        impatient = station(service="impatient").listen()
        first = sender.publish()
        listener.wait_for(1)
        impatient.wait_for(1)
        kill(rabbit)
        impatient.leave()  # a consumer can be stopped also while it waits for the broker
        second = [event.id for event in sender.record()]
        with pytest.raises(BrokerDown):
            sender.relay_all()
        assert [row.published_at is None for row in sender.outbox()] == [False, True]
        rabbit.start()
        until(lambda: listener.revived == 2, "the consumer's return", 60)
        sender.relay_all()
        listener.wait_for(2)
        assert listener.work_off() == first + second

    def test_a_blocked_broker_is_waited_for(self, station: MakeStation, rabbit: RabbitMQ) -> None:
        listener, sender = station().listen(), station(service="intake")
        first = sender.publish()
        rabbit.ctl("set_vm_memory_high_watermark", "0")
        try:
            second = [event.id for event in sender.record(times=3)]
            for _ in range(3):  # the first learns of it, the others know
                with pytest.raises(BrokerDown, match="takes no messages now"):
                    sender.relay_all()
            assert sum(row.published_at is None for row in sender.outbox()) == 3
        finally:
            rabbit.ctl("set_vm_memory_high_watermark", "0.4")

        def goes_on() -> bool:
            try:
                return sender.relay_all() == 3
            except BrokerDown:
                return False

        until(goes_on, "the end of the alarm")
        listener.wait_for(4)
        assert listener.work_off() == first + second

    def test_a_full_queue_refuses_and_is_tried_again(
        self, station: MakeStation, rabbit: RabbitMQ, request: pytest.FixtureRequest
    ) -> None:
        listener, sender = station(), station(service="intake")
        listener.declare()
        policy = '{"max-length": 5, "overflow": "reject-publish"}'
        rabbit.ctl("set_policy", "short", ".*inbox", policy, "--apply-to", "queues")
        request.addfinalizer(lambda: rabbit.ctl("clear_policy", "short"))
        ids: list[str] = []

        def refused() -> bool:  # the limit is soft: the queue tells its publishers when it is passed
            ids.extend(event.id for event in sender.record(times=20))
            sender.relay.step()
            return any(row.attempts for row in sender.outbox())

        until(refused, "a refusal")
        waiting = [row for row in sender.outbox() if row.published_at is None]
        assert waiting
        assert all(row.last_error == "the broker refused it: its queue is full" for row in waiting)
        listener.listen()
        until(lambda: not sender.relay_all() and all(r.published_at for r in sender.outbox()), "the rest")
        listener.wait_for(len(ids))
        assert sorted(listener.work_off()) == sorted(ids)

    def test_prefetch_is_per_consumer_and_bounded(self, station: MakeStation, rabbit: RabbitMQ) -> None:
        listener = station().listen()
        until(lambda: listener.revived, "the consumer")

        def consumers() -> list[str]:
            return rabbit.ctl(
                "list_consumers", "prefetch_count", "ack_required", "--no-table-headers"
            ).split()

        assert sorted(until(consumers, "the consumer in the broker's list")) == ["200", "true"]

    def test_confirms_are_pipelined(self, station: MakeStation, bus: str) -> None:
        station().declare()
        messages = [Outgoing(f"id-{n}", KEY, good_body(f"id-{n}").decode()) for n in range(200)]
        # No answer of the broker is let through until all 200 were sent: who waits for each never ends.
        with HoldingProxy(bus, hold_until=b"id-199") as proxy:
            publisher = PikaPublisher(proxy.url)
            assert publisher.publish(messages) == [Outcome.ROUTED] * 200
            assert proxy.held
            publisher.close()

    def test_a_broker_that_went_silent_loses_nothing(self, station: MakeStation, bus: str) -> None:
        listener = station()
        listener.declare()
        messages = [Outgoing(f"id-{n}", KEY, good_body(f"id-{n}").decode()) for n in range(3)]
        with HoldingProxy(bus, hold_until=b"never") as proxy:
            publisher = PikaPublisher(proxy.url, confirm_seconds=1)
            with pytest.raises(BrokerDown, match="no confirm in time"):
                publisher.publish(messages)
        assert PikaPublisher(bus).publish(messages) == [Outcome.ROUTED] * 3
        listener.listen()
        listener.wait_for(3)  # sent twice, kept once
        assert sorted(listener.work_off()) == ["id-0", "id-1", "id-2"]

    def test_reconnecting_leaves_no_sockets_behind(self) -> None:
        def open_files() -> int:
            return len(list(Path("/proc/self/fd").iterdir()))

        def fail(times: int) -> None:
            for _ in range(times):
                with pytest.raises(BrokerDown):
                    publisher.publish([Outgoing("id", KEY, "{}")])

        publisher = PikaPublisher("amqp://guest:guest@127.0.0.1:1/")
        fail(3)
        before = open_files()
        fail(30)
        until(lambda: open_files() <= before + 3, "the sockets to be closed")


@pytest.fixture(autouse=True)
def _running(rabbit: RabbitMQ) -> Iterator[None]:
    """A test that failed half-way must not leave the broker down for the next."""
    if not rabbit.is_running:
        rabbit.start()
    yield
    if not rabbit.is_running:
        rabbit.start()
