"""An agency on a shared broker may do what its services declare, and no more: asked of a real RabbitMQ."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from amqp import AMQPError, Message  # type: ignore[import-untyped]
from click.testing import CliRunner
from kombu import Connection

from services import all_services
from shared.bus import topology
from shared.bus.definitions import definitions, users
from shared.bus.publisher import BrokerDown
from shared.contracts.intake import PetitionRegisteredV1
from shared.contracts.registry import EventSchema, all_contracts, contract_of
from shared.runtime.cli import main
from tests.agencies.conftest import NAMES, OWN, PARTNER, Load, address, with_told
from tests.bus.bad import good_body
from tests.bus.station import Station, until
from tests.servers import RabbitMQ

REGISTERED = contract_of(PetitionRegisteredV1)
ACCESS_REFUSED, PRECONDITION_FAILED = 403, 406
on_rabbit = pytest.mark.rabbitmq


def made(**changes: Any) -> dict[str, Any]:
    services = all_services()
    names = users(services, OWN, {PARTNER: NAMES})
    return definitions(services, OWN, dict.fromkeys(names, "hash"), partners={PARTNER: NAMES}, **changes)


def test_rights_are_what_the_services_declare_and_no_more() -> None:
    types = [contract.type_for(agency) for contract in all_contracts() for agency in (OWN, PARTNER, "other")]
    names = [contract.binding_for(agency) for contract in all_contracts() for agency in (OWN, PARTNER, "*")]
    odd = ["#", "*", "", "*.*.*.*.*", f"{OWN}.#", *(name.replace(".", "x") for name in types)]
    rights = {entry["user"]: entry for entry in made()["topic_permissions"]}
    for agency in (OWN, PARTNER):
        for service in all_services():
            right = rights.pop(f"{agency}.{service.name}")
            may_say = {contract_of(schema).type_for(agency) for schema in service.publishes}
            assert {text for text in [*types, *names, *odd] if re.search(right["write"], text)} == may_say
            may_bind = {text for text in [*types, *names, *odd] if re.search(right["read"], text)}
            assert may_bind == set(service.bindings(agency))
    assert rights == {}


def test_nobody_may_make_anything_and_each_takes_from_its_own() -> None:
    queues = {queue["name"] for queue in made()["queues"]} | {"events", "amq.default", "amq.topic", "other"}
    for entry in made()["permissions"]:
        inbox = topology.inbox_name(*entry["user"].split("."))
        for right, allowed in (
            ("configure", set()),
            ("write", {"events", inbox}),
            ("read", {"events", inbox}),
        ):
            assert {name for name in queues if re.search(entry[right], name)} <= allowed
    assert {user["name"] for user in made()["users"]} == {f"{a}.{s}" for a in (OWN, PARTNER) for s in NAMES}
    assert all(user["tags"] == [] for user in made()["users"])


@on_rabbit
def test_every_event_flows_between_services_that_may_do_no_more(
    rabbit: RabbitMQ, load: Load, tmp_path: Path
) -> None:
    """The relay publishes and the consumer binds and takes, with nothing of theirs made by themselves."""
    vhost = load()
    stations = {
        service.name: Station(
            tmp_path,
            address(rabbit, vhost, OWN, service.name),
            agency=OWN,
            service=service.name,
            listens=service.subscribes,
            bindings=service.bindings(OWN),
        )
        for service in all_services()
    }
    for service in all_services():
        if service.handlers:
            stations[service.name].listen()
    said = {
        contract_of(schema).key: stations[service.name].publish(schema)
        for service in all_services()
        for schema in service.publishes
    }
    for service in all_services():
        expected = [
            id_ for key in service.keys if not key.startswith(f"{service.name}.") for id_ in said[key]
        ]
        stations[service.name].wait_for(len(expected))
        assert sorted(row.id for row in stations[service.name].inbox()) == sorted(expected)
        assert stations[service.name].parked() == {}
    for station in stations.values():
        station.leave()
        station.db.close()
        station.relay.close()


def _say(channel: Any, key: str, **properties: Any) -> None:
    channel.confirm_select()
    channel.basic_publish_confirm(Message(b"{}", **properties), topology.EXCHANGE, key, confirm_timeout=10)


OWN_INBOX, THEIRS = topology.inbox_name(PARTNER, "intake"), topology.inbox_name(OWN, "notify")
SAYS = REGISTERED.type_for(PARTNER)
REFUSED: dict[str, Callable[[Any], Any]] = {
    "speak for another service": lambda c: _say(c, f"{PARTNER}.assignment.case.opened.v1"),
    "speak for another agency": lambda c: _say(c, REGISTERED.type_for(OWN)),
    "say what it does not publish": lambda c: _say(c, f"{PARTNER}.intake.petition.vanished.v1"),
    "speak past the exchange": lambda c: c.basic_publish(Message(b""), "", THEIRS),
    "read another's queue": lambda c: c.basic_get(THEIRS),
    "consume from another's queue": lambda c: c.basic_consume(THEIRS),
    "read its own dead messages, which are the operator's": lambda c: c.basic_get(
        topology.dead_name(PARTNER, "intake")
    ),
    "empty another's queue": lambda c: c.queue_purge(THEIRS),
    "delete another's queue": lambda c: c.queue_delete(THEIRS),
    "delete its own": lambda c: c.queue_delete(OWN_INBOX),
    "delete the exchange": lambda c: c.exchange_delete(topology.EXCHANGE),
    "declare in another's name": lambda c: c.queue_declare(
        topology.inbox_name(OWN, "archive"), durable=True, auto_delete=False
    ),
    "declare in its own": lambda c: c.queue_declare(f"{PARTNER}.intake.more", auto_delete=False),
    "make an exchange": lambda c: c.exchange_declare("more", "direct", auto_delete=False),
    "bind everything": lambda c: c.queue_bind(OWN_INBOX, topology.EXCHANGE, "#"),
    "bind all of an agency": lambda c: c.queue_bind(OWN_INBOX, topology.EXCHANGE, f"{OWN}.#"),
    "bind another agency's internal event": lambda c: c.queue_bind(
        OWN_INBOX, topology.EXCHANGE, REGISTERED.type_for(OWN)
    ),
    "bind an internal event of all agencies": lambda c: c.queue_bind(
        OWN_INBOX, topology.EXCHANGE, f"*.{REGISTERED.key}"
    ),
    "bind another's queue": lambda c: c.queue_bind(THEIRS, topology.EXCHANGE, f"{PARTNER}.x"),
    "bind exchanges to each other": lambda c: c.exchange_bind(topology.EXCHANGE, topology.EXCHANGE, "#"),
    "forge a user": lambda c: _say(c, SAYS, user_id=f"{OWN}.intake"),
}


@on_rabbit
def test_what_an_agency_may_not(rabbit: RabbitMQ, load: Load) -> None:
    vhost = load()
    codes = {}
    for name, attempt in REFUSED.items():
        with Connection(address(rabbit, vhost, PARTNER, "intake")) as connection:
            channel = connection.default_channel
            with pytest.raises(AMQPError) as refused:
                attempt(channel)
                channel.queue_declare(OWN_INBOX, passive=True)  # what was not waited for is answered now
            codes[name] = refused.value.reply_code
    assert codes == dict.fromkeys(REFUSED, ACCESS_REFUSED) | {"forge a user": PRECONDITION_FAILED}


@on_rabbit
def test_what_an_agency_may(rabbit: RabbitMQ, load: Load, told: type[EventSchema], tmp_path: Path) -> None:
    vhost = load(services=with_told(told))
    with Connection(address(rabbit, vhost, PARTNER, "intake")) as connection:
        _say(connection.default_channel, SAYS, user_id=f"{PARTNER}.intake")
        _say(connection.default_channel, contract_of(told).type_for(PARTNER))


@on_rabbit
def test_the_relay_of_a_forger_comes_to_nothing(rabbit: RabbitMQ, load: Load, tmp_path: Path) -> None:
    vhost = load()
    forger = Station(tmp_path, address(rabbit, vhost, PARTNER, "intake"), agency=OWN, service="intake")
    forger.record()
    with pytest.raises(BrokerDown, match="403"):
        forger.relay_all()


@on_rabbit
def test_what_is_too_large_ends_in_the_dead_queue(rabbit: RabbitMQ, load: Load, tmp_path: Path) -> None:
    vhost = load()
    listener = Station(tmp_path, address(rabbit, vhost, OWN, "notify"), agency=OWN, service="notify").listen()
    with Connection(address(rabbit, vhost, OWN, "intake")) as connection:
        body = good_body(type=REGISTERED.type_for(OWN), source=f"/{OWN}/intake") + b" " * 300_000
        connection.default_channel.basic_publish(Message(body), topology.EXCHANGE, REGISTERED.type_for(OWN))
    listener.wait_for(1)
    listener.leave()
    dead = topology.dead_name(OWN, "notify")

    def messages() -> bool:
        listed = rabbit.ctl("list_queues", "-p", vhost, "name", "messages", "--no-table-headers")
        return f"{dead}\t1" in listed

    until(messages, "the message in the dead queue")


def test_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENCY", OWN)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    folder = tmp_path / "passwords"
    command = ["definitions", "--passwords", str(folder), "--partner", f"{PARTNER}=intake,notify"]
    first = CliRunner().invoke(main, [*command, "--bus-address", "amqps://rabbitmq:5671"])
    assert first.exit_code == 0, first.output
    printed = json.loads(first.stdout)
    names = {user["name"] for user in printed["users"]}
    assert names == {f"{OWN}.{name}" for name in NAMES} | {f"{PARTNER}.intake", f"{PARTNER}.notify"}
    passwords = {name: (folder / f"{name}.password").read_text() for name in names}
    assert not any(password in first.output for password in passwords.values())
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    url = (folder / f"{OWN}.intake.bus-url").read_text()
    assert url == f"amqps://{OWN}.intake:{passwords[f'{OWN}.intake']}@rabbitmq:5671/huajie"
    again = CliRunner().invoke(main, command)
    assert json.loads(again.stdout)["queues"] == printed["queues"]
    assert passwords == {name: (folder / f"{name}.password").read_text() for name in names}


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--partner", "police"], "must look like"),
        (["--partner", "Police=intake"], "one word of lower-case"),
        (["--partner", "police=archive"], "is none of"),
        (["--partner", "zhuxi=intake"], "named twice"),
        (["--link", "bureau=missing"], "give --out"),
        (["--link", "bureau=missing", "--out", "x.json"], "cannot be read"),
        (["--bus-address", "http://x"], "must look like"),
    ],
)
def test_wrong_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], complaint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AGENCY", OWN)
    result = CliRunner().invoke(main, ["definitions", "--passwords", "passwords", *options])
    assert (result.exit_code != 0, complaint in result.output) == (True, True), result.output
    assert not (tmp_path / "passwords").exists()
