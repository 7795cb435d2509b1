"""Two brokers, one of them the petition bureau's own: cut apart and joined again, and never a false word."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from amqp import Message  # type: ignore[import-untyped]
from kombu import Connection

from shared.bus.definitions import definitions, users
from shared.bus.federation import Link
from shared.bus.passwords import hash_password
from shared.contracts.intake import PetitionRegisteredV1
from shared.contracts.registry import EventSchema, contract_of
from tests.agencies.conftest import address, with_told
from tests.agencies.links import Line
from tests.bus.bad import good_body
from tests.bus.station import Station, until
from tests.processes import HOST
from tests.servers import RabbitMQ

pytestmark = [pytest.mark.rabbitmq, pytest.mark.slow, pytest.mark.timeout(300)]
COUNTY, BUREAU = "zhuxi", "petition-bureau"
VHOST = "huajie"
SOURCES = {f"/{agency}/intake" for agency in (COUNTY, BUREAU, "police")}


class Joined:
    """Two nodes, each with its agency's definitions, and the line between them, one each way."""

    def __init__(self, told: type[EventSchema], directory: Path, county: RabbitMQ, bureau: RabbitMQ) -> None:
        self.told = told
        self.directory = directory
        self.brokers = {COUNTY: county, BUREAU: bureau}
        self.lines = {COUNTY: Line(county.port), BUREAU: Line(bureau.port)}
        for agency, partner in ((COUNTY, BUREAU), (BUREAU, COUNTY)):
            self._load(agency, partner)

    def _load(self, agency: str, partner: str) -> None:
        user = f"{agency}.federation"
        secret = f"secret of {user}".replace(" ", "%20")
        upstream = f"amqp://{user}:{secret}@{HOST}:{self.lines[partner].port}/{VHOST}"
        services = with_told(self.told)
        links = [Link(partner, upstream)]
        names = users(services, agency, {}, links)
        hashes = {name: hash_password(f"secret of {name}") for name in names}
        file = self.directory / f"{agency}.json"
        file.write_text(json.dumps(definitions(services, agency, hashes, links=links, vhost=VHOST)))
        self.brokers[agency].ctl("import_definitions", str(file))
        self.brokers[agency].ctl("set_permissions", "-p", VHOST, "guest", ".*", ".*", ".*")

    def station(self, agency: str, service: str, **options: Any) -> Station:
        url = address(self.brokers[agency], VHOST, agency, service)
        believes = SOURCES.__contains__
        return Station(self.directory, url, agency=agency, service=service, believes=believes, **options)

    def listener(self, agency: str) -> Station:
        """notify of an agency, as if it handled what is for partners; the operator made the binding."""
        made = self.station(agency, "notify", listens=[PetitionRegisteredV1, self.told], bindings=[])
        made.bindings = [contract_of(s).binding_for(agency) for s in (PetitionRegisteredV1, self.told)]
        made.url = f"amqp://guest:guest@{HOST}:{self.brokers[agency].port}/{VHOST}"
        return made.listen()

    def are_joined(self) -> bool:
        status = [
            broker.ctl("eval", "rabbit_federation_status:status().") for broker in self.brokers.values()
        ]
        return all("{status,running}" in text for text in status)

    def cut(self) -> None:
        for line in self.lines.values():
            line.cut()
        until(lambda: not self.are_joined(), "both brokers to notice", 60)

    def mend(self) -> None:
        for line in self.lines.values():
            line.mend()
        until(self.are_joined, "the brokers to be joined again", 60)


@pytest.fixture(scope="module")
def brokers() -> Iterator[tuple[RabbitMQ, RabbitMQ]]:
    plugins = ("rabbitmq_federation",)
    with RabbitMQ(plugins=plugins) as county, RabbitMQ(plugins=plugins) as bureau:
        yield county, bureau


@pytest.fixture
def joined(told: type[EventSchema], tmp_path: Path, brokers: tuple[RabbitMQ, RabbitMQ]) -> Iterator[Joined]:
    made = Joined(told, tmp_path, *brokers)
    until(made.are_joined, "the brokers to be joined", 60)
    yield made
    for broker in brokers:
        broker.ctl("delete_vhost", VHOST)
    for line in made.lines.values():
        line.__exit__(None, None, None)


def arrived(listener: Station, ids: list[str]) -> Callable[[], bool]:
    return lambda: {row.id for row in listener.inbox()} >= set(ids)


def test_both_go_on_while_they_are_apart_and_have_everything_after(joined: Joined) -> None:
    listeners = {agency: joined.listener(agency) for agency in (COUNTY, BUREAU)}
    senders = {agency: joined.station(agency, "intake") for agency in (COUNTY, BUREAU)}
    told = [id_ for sender in senders.values() for id_ in sender.publish(joined.told, times=20)]
    for listener in listeners.values():
        until(arrived(listener, told), "events of both agencies")
    joined.cut()
    internal = {}
    for agency, sender in senders.items():
        internal[agency] = sender.publish(times=30)
        mine = sender.publish(joined.told, times=30)
        until(arrived(listeners[agency], internal[agency] + mine), f"{agency}'s own events while apart")
        told += mine
    for listener in listeners.values():
        assert not arrived(listener, told)()
    joined.mend()
    for agency, listener in listeners.items():
        until(arrived(listener, told), "what was said while apart", 60)
        assert sorted(listener.work_off()) == sorted(told + internal[agency]), "nothing lost, nothing twice"
        assert listener.parked() == {}
        listener.leave()


def test_internal_events_never_leave_and_a_partner_speaks_only_for_itself(joined: Joined) -> None:
    listener = joined.listener(COUNTY)
    county, bureau = joined.brokers[COUNTY], joined.brokers[BUREAU]
    key = contract_of(joined.told).key
    registered = contract_of(PetitionRegisteredV1).key
    # The bureau's operator may do anything on the bureau's own broker.
    with Connection(f"amqp://guest:guest@{HOST}:{bureau.port}/{VHOST}") as connection:
        channel = connection.default_channel
        channel.queue_declare("spy", durable=True, auto_delete=False)
        channel.queue_bind("spy", f"in.{COUNTY}", "#")  # asks the county for everything
        queues = bureau.ctl("list_queues", "-p", VHOST, "name").splitlines()
        queue = next(name for name in queues if name.startswith("federation: "))
        channel.exchange_declare("forge", "topic", durable=True, auto_delete=False)
        channel.queue_bind(queue, "forge", "#")
        forged = [f"{COUNTY}.{key}", f"police.{key}", f"{COUNTY}.{registered}", f"{BUREAU}.{registered}"]
        for number, type_ in enumerate(forged):
            agency = type_.partition(".")[0]
            body = good_body(f"forged-{number}", type=type_, source=f"/{agency}/intake")
            channel.basic_publish(Message(body), "forge", type_)
        own = f"{BUREAU}.{key}"  # by the same way: so what is forged does come as far as our broker
        channel.basic_publish(Message(good_body("own", type=own, source=f"/{BUREAU}/intake")), "forge", own)
        said = joined.station(COUNTY, "intake")
        secret, open_ = said.publish(times=5), said.publish(joined.told, times=5)
        (last,) = joined.station(BUREAU, "intake").publish(joined.told)
        expected = [*secret, *open_, last, "own"]
        until(arrived(listener, expected), "the county's own and the bureau's word")
        assert {row.id for row in listener.inbox()} == set(expected)

        def spied() -> bool:
            return f"spy\t{len(open_)}" in bureau.ctl("list_queues", "-p", VHOST, "name", "messages")

        until(spied, "what is for partners")
        bodies = [channel.basic_get("spy", no_ack=True).body for _ in open_]
    assert {json.loads(body)["id"] for body in bodies} == set(open_)
    assert county.is_running
    listener.leave()
