"""Catch-up between two agencies: what is for partners, to those who are known, and nothing else."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copy
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import MetaData, select
from werkzeug.serving import make_server

from services import all_services
from shared import clock
from shared.bus.catch_up import producers
from shared.bus.handlers import Event, Handler
from shared.contracts.intake import PetitionRegisteredV1
from shared.contracts.registry import EventSchema, contract_of
from shared.db.base import SharedBase
from shared.db.inbox import Inbox, State
from shared.db.outbox import Outbox, record
from shared.identity.keys import Keys, make_keys
from shared.identity.tokens import make_peer_token
from shared.runtime.check import check_service
from shared.runtime.compose import Together
from shared.runtime.service import Instance, Service
from tests.contracts.examples import example_message
from tests.ground import clear_memory_bus, settings_for

OWN, PARTNER = "zhuxi", "police"


def _ignore(_event: Event, _session: object) -> None:
    pass


class Agency:
    """intake that tells, and notify that listens, of one agency, each with a key of its own."""

    def __init__(self, directory: Path, name: str, told: type[EventSchema], **settings: Any) -> None:
        self.name = name
        self.keys = directory / name / "keys"
        make_keys(self.keys, name, ["intake", "notify"])
        heard = tuple(
            Handler(contract_of(schema), frozenset(), _ignore) for schema in (PetitionRegisteredV1, told)
        )
        services = (_service("intake", ()), _service("notify", heard))
        changes = {"agency": name, "keys_dir": self.keys} | settings
        self.together = Together(services, settings_for(directory / name, **changes))
        for instance in self.together.instances.values():
            SharedBase.metadata.create_all(instance.db.engine)

    def publish(self, schema: type[EventSchema], times: int = 1) -> list[str]:
        data = contract_of(schema).schema().load(
            example_message(contract_of(PetitionRegisteredV1), "full")["data"]
        )  # fmt: skip
        with self.together.database("intake").write() as session:
            ids = [record(session, schema, subject="s", **data).id for _ in range(times)]
        while self.together.loops["intake"].relay.step():
            pass
        return ids

    def knows(self, other: "Agency") -> None:
        for file in other.keys.glob("*.pub"):
            copy(file, self.keys)

    def inbox(self) -> dict[str, tuple[str, str | None]]:
        with self.together.database("notify").read() as session:
            rows = session.scalars(select(Inbox)).all()
            return {row.id: (row.state, row.last_error) for row in rows}

    def catch_up(self) -> dict[str, int | None]:
        return self.together.loops["notify"].catch_up.run_once()


def _service(name: str, handlers: tuple[Handler, ...]) -> Service:
    return Service(name, name, f"services.{name}", (), handlers, MetaData(), blueprints=tuple)


@pytest.fixture
def police(tmp_path: Path, told: type[EventSchema]) -> Iterator[Agency]:
    clear_memory_bus()
    made = Agency(tmp_path, PARTNER, told)
    yield made
    made.together.stop()


@contextmanager
def served(agency: Agency) -> Iterator[str]:
    """Its intake over the network, as another agency reaches it."""
    server = make_server("127.0.0.1", 0, agency.together.app("intake"), threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@pytest.fixture
def county(tmp_path: Path, told: type[EventSchema], police: Agency) -> Iterator[Agency]:
    """An agency that names the police as its partner."""
    with served(police) as url:
        made = Agency(tmp_path, OWN, told, partners={f"{PARTNER}.intake": url})
        yield made
        made.together.stop()


def test_what_is_for_partners_is_fetched_and_nothing_else(
    county: Agency, police: Agency, told: type[EventSchema]
) -> None:
    county.knows(police)
    police.knows(county)
    open_ = police.publish(told, times=3)
    police.publish(PetitionRegisteredV1, times=2)
    own = county.publish(PetitionRegisteredV1) + county.publish(told)
    assert county.catch_up() == {"intake": 2, "/police/intake": 3}
    assert county.inbox() == dict.fromkeys([*open_, *own], (State.READY, None))
    assert county.catch_up() == {"intake": 0, "/police/intake": 0}
    more = police.publish(told)
    assert county.catch_up() == {"intake": 0, "/police/intake": 1}
    assert set(county.inbox()) == {*open_, *own, *more}
    while county.together.loops["notify"].work.step():
        pass
    assert {state for state, _error in county.inbox().values()} == {State.DONE}


def test_internal_events_are_never_given(county: Agency, police: Agency, told: type[EventSchema]) -> None:
    police.knows(county)
    (internal,), (open_,) = police.publish(PetitionRegisteredV1), police.publish(told)
    keys = Keys(county.keys, OWN, "notify")
    client = police.together.app("intake").test_client()

    def ask(path: str) -> Any:
        token = make_peer_token(keys, to=f"/{PARTNER}/intake")
        return client.get(path, headers={"Authorization": f"Bearer {token}"})

    assert [each["id"] for each in ask("/events").json["events"]] == [open_]
    bodies = ask(f"/events/bodies?id={internal}&id={open_}").json["events"]
    assert [json.loads(body)["id"] for body in bodies] == [open_]


def test_strangers_give_and_get_nothing(county: Agency, police: Agency, told: type[EventSchema]) -> None:
    county.publish(told)
    (id_,) = police.publish(told)
    assert county.catch_up()["/police/intake"] is None, "the police do not know the county"
    police.knows(county)
    assert county.catch_up()["/police/intake"] == 1
    state, error = county.inbox()[id_]
    assert (state, "put its .pub into KEYS_DIR" in str(error)) == (State.PARKED, True)


def test_a_partner_that_speaks_for_another_is_not_believed(
    county: Agency, police: Agency, told: type[EventSchema]
) -> None:
    county.knows(police)
    police.knows(county)
    (template,) = county.publish(told)
    with county.together.database("intake").read() as session:
        body = json.loads(session.scalars(select(Outbox.body).where(Outbox.id == template)).one())
    forged = str(uuid4())
    with police.together.database("intake").write() as session:
        text = json.dumps(body | {"id": forged})
        type_ = contract_of(told).type_for(PARTNER)
        row = Outbox(id=forged, type=type_, body=text, created_at=clock.now())
        session.add(row)
    while police.together.loops["intake"].relay.step():
        pass
    assert county.catch_up()["/police/intake"] == 1
    assert forged not in county.inbox()
    parked = [error for state, error in county.inbox().values() if state == State.PARKED]
    assert parked == ["it is not its producer's: the sender spoke for somebody else"]


def test_check_names_what_is_missing(county: Agency, police: Agency) -> None:
    def lines() -> list[str]:
        return [
            line
            for _ok, line in check_service(county.together.instances["notify"])
            if "partner" in line or "peer" in line
        ]

    assert (
        "partner /police/intake: police.intake.pub is missing in KEYS_DIR: ask that agency for it" in lines()
    )
    county.knows(police)
    assert any("peer /police/intake does not believe us" in line for line in lines())
    police.knows(county)
    assert "peer /police/intake answers" in lines()


def test_services_without_events_for_partners_ask_none(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, partners={"police.nobody": "http://127.0.0.1:1"})
    for service in all_services():
        names = producers(Instance(service, settings))
        assert not [name for name in names if name.startswith("/")]
