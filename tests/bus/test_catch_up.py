"""Catch-up: what the bus did not bring is fetched from the producer, once, by those entitled to it."""

import base64
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import MetaData, select

from shared import clock
from shared.bus.handlers import Event, Handler
from shared.contracts.intake import PetitionAcceptedV1, PetitionRegisteredV1
from shared.contracts.registry import EventSchema, contract_of
from shared.db.base import SharedBase
from shared.db.cursor import CatchUpCursor
from shared.db.inbox import Arrival, Inbox, receive
from shared.db.outbox import Outbox, record
from shared.identity.keys import Keys, make_keys
from shared.identity.tokens import make_peer_token
from shared.runtime.compose import Together
from shared.runtime.service import Service
from tests.contracts.examples import example_message
from tests.ground import clear_memory_bus, settings_for

Pair = Callable[..., Together]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """Makes two services that share the data of those made before: intake, and reporting that listens."""
    made: list[Together] = []

    def make(*listens: type[EventSchema]) -> Together:
        handlers = tuple(Handler(contract_of(schema), frozenset(), _ignore) for schema in listens)
        services = (_service("intake"), _service("reporting", handlers))
        together = Together(services, settings_for(tmp_path))
        for instance in together.instances.values():
            SharedBase.metadata.create_all(instance.db.engine)
        made.append(together)
        return together

    clear_memory_bus()
    yield make
    for together in made:
        together.stop()


def _service(name: str, handlers: tuple[Handler, ...] = ()) -> Service:
    return Service(name, name, f"services.{name}", (), handlers, MetaData(), blueprints=tuple)


def _ignore(_event: Event, _session: object) -> None:
    pass


def publish(together: Together, schema: type[EventSchema], times: int) -> list[str]:
    """Recorded and given to a bus on which nobody listens: lost, but for the outbox."""
    contract = contract_of(schema)
    data = contract.schema().load(example_message(contract, "full")["data"])
    with together.database("intake").write() as session:
        ids = [record(session, schema, subject="s", **data).id for _ in range(times)]
    while together.loops["intake"].relay.step():
        pass
    return ids


def inbox(together: Together) -> list[str]:
    with together.database("reporting").read() as session:
        return list(session.scalars(select(Inbox.id).order_by(Inbox.received_at)))


def test_what_is_missing_is_fetched_once(pair: Pair) -> None:
    together = pair(PetitionRegisteredV1)
    ids = publish(together, PetitionRegisteredV1, 250)
    catch_up = together.loops["reporting"].catch_up
    assert catch_up.run_once() == {"intake": 250}
    assert sorted(inbox(together)) == sorted(ids)
    assert catch_up.run_once() == {"intake": 0}
    more = publish(together, PetitionRegisteredV1, 2)
    assert catch_up.run_once() == {"intake": 2}
    assert sorted(inbox(together)) == sorted(ids + more)
    assert together.loops["reporting"].work.step() > 0


def test_only_the_difference_is_fetched(pair: Pair) -> None:
    together = pair(PetitionRegisteredV1)
    ids = publish(together, PetitionRegisteredV1, 6)
    with together.database("intake").read() as session:
        bodies = session.scalars(select(Outbox.body).where(Outbox.id.in_(ids[::2]))).all()
    with together.database("reporting").write() as session:
        receive(session, [Arrival(body.encode()) for body in bodies], {"intake.petition.registered.v1"})
    assert together.loops["reporting"].catch_up.run_once() == {"intake": 3}
    assert sorted(inbox(together)) == sorted(ids)


def test_the_cursor_keeps_how_far_it_came(pair: Pair) -> None:
    publish(pair(PetitionRegisteredV1), PetitionRegisteredV1, 3)
    together = pair(PetitionRegisteredV1)
    together.loops["reporting"].catch_up.run_once()
    with together.database("reporting").read() as session:
        assert session.scalars(select(CatchUpCursor)).one().position == 3


def test_a_new_subscription_gets_the_history(pair: Pair) -> None:
    before = pair(PetitionRegisteredV1)
    registered, accepted = publish(before, PetitionRegisteredV1, 2), publish(before, PetitionAcceptedV1, 3)
    assert before.loops["reporting"].catch_up.run_once() == {"intake": 2}
    after = pair(PetitionRegisteredV1, PetitionAcceptedV1)
    assert after.loops["reporting"].catch_up.run_once() == {"intake": 3}
    assert sorted(inbox(after)) == sorted(registered + accepted)


def test_what_has_no_position_yet_is_not_given_out(pair: Pair) -> None:
    together = pair(PetitionRegisteredV1)
    contract = contract_of(PetitionRegisteredV1)
    data = contract.schema().load(example_message(contract, "full")["data"])
    with together.database("intake").write() as session:
        record(session, PetitionRegisteredV1, subject="s", **data)
    assert together.loops["reporting"].catch_up.run_once() == {"intake": 0}
    together.loops["intake"].relay.step()
    assert together.loops["reporting"].catch_up.run_once() == {"intake": 1}


def test_a_producer_that_does_not_answer(pair: Pair) -> None:
    together = pair(PetitionRegisteredV1)
    instance = together.instances["reporting"]
    instance.local_peer = None
    instance.settings.peers["intake"] = "http://127.0.0.1:1"
    assert together.loops["reporting"].catch_up.run_once() == {"intake": None}


def _client(together: Together, token: str | None) -> FlaskClient:
    client = together.app("intake").test_client()
    if token is not None:
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def _token(together: Together, service: str, to: str = "/local/intake", directory: Path | None = None) -> str:
    settings = together.instances["intake"].settings
    return make_peer_token(Keys(directory or settings.signing_keys, "local", service), to=to)


def _made_later(together: Together, change: timedelta) -> str:
    with clock.travel(clock.now() + change):
        return _token(together, "reporting")


@pytest.mark.parametrize("path", ["/events", "/events/bodies?id=x"])
def test_strangers_get_nothing(pair: Pair, path: str, tmp_path: Path) -> None:
    together = pair(PetitionRegisteredV1)
    make_keys(tmp_path / "others", "local", ["reporting"])
    make_keys(tmp_path / "others", "police", ["reporting"])
    partner = Keys(tmp_path / "others", "police", "reporting")
    good = _token(together, "reporting")
    head, claims, signature = good.split(".")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    tokens = {
        "none": None,
        "no token": "x",
        "forged": _token(together, "reporting", directory=tmp_path / "others"),
        "unsigned": f"{unsigned}.{claims}.",
        "altered": f"{head}.{claims[:-4]}AAAA.{signature}",
        "a person's": "p" * 43,
        "no subscriber of ours": _token(together, "assignment"),
        "of an agency that we do not know": make_peer_token(partner, to="/local/intake"),
        "shown to another service": _token(together, "reporting", to="/local/assignment"),
        "shown to another agency": _token(together, "reporting", to="/police/intake"),
        "expired": _made_later(together, -timedelta(minutes=7)),
        "of a clock that is far ahead": _made_later(together, timedelta(minutes=7)),
    }
    answers = {name: _client(together, token).get(path).status_code for name, token in tokens.items()}
    assert answers == dict.fromkeys(tokens, 401)
    assert _client(together, good).get(path).status_code == 200
    assert _client(together, good).get(path).status_code == 401, "a token is good once"
    for minute in (-1, 1):
        token = _made_later(together, timedelta(seconds=50 * minute))
        assert _client(together, token).get(path).status_code == 200, "clocks differ a little"


def test_a_peer_gets_only_what_it_subscribes_to(pair: Pair) -> None:
    together = pair(PetitionRegisteredV1)
    (wanted,), (unwanted,) = (publish(together, s, 1) for s in (PetitionRegisteredV1, PetitionAcceptedV1))

    def ask(service: str, path: str) -> Any:
        return _client(together, _token(together, service)).get(path).json["events"]

    assert [e["id"] for e in ask("reporting", "/events")] == [wanted]
    bodies = ask("reporting", f"/events/bodies?id={wanted}&id={unwanted}")
    assert [wanted in body for body in bodies] == [True]
    assert ask("intake", "/events") == []


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=1e3", "after=1234567890123456", "limit=²"])
def test_odd_questions_are_refused(pair: Pair, query: str) -> None:
    together = pair(PetitionRegisteredV1)
    assert _client(together, _token(together, "reporting")).get(f"/events?{query}").status_code == 422
