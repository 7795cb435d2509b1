"""Contract test 7: who publishes, who listens, and that names of the bus stand in one place only."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from services import all_services
from shared.bus import topology
from shared.contracts.registry import all_contracts, contract_of, keys
from shared.runtime.service import Service
from tests.contracts.examples import ROOT, every_contract

SERVICES = all_services()
PUBLISHED = Counter(key for service in SERVICES for key in keys(service.publishes))
SUBSCRIBED = {key for service in SERVICES for key in keys(service.subscribes)}
NAMES = [service.name for service in SERVICES]
ROUTING_KEY = re.compile(rf"(\*|[a-z0-9-]+)\.({'|'.join(NAMES)})\.[a-z]+\.[a-z]+\.v[0-9]+")
QUEUE = re.compile(rf"({'|'.join(NAMES)}|\}})\.(inbox|dead)|\.(inbox|dead)$")
every_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
SOURCES = [p for top in ("shared", "services") for p in sorted((ROOT / top).rglob("*.py"))]


@every_contract
def test_every_event_has_its_one_publisher(contract) -> None:  # type: ignore[no-untyped-def]
    publishers = [s.name for s in SERVICES if contract.key in keys(s.publishes)]
    assert publishers == [contract.owner]


@every_contract
def test_every_event_has_a_listener_or_is_for_partners(contract) -> None:  # type: ignore[no-untyped-def]
    assert contract.key in SUBSCRIBED or contract.audience == "partners"


@every_service
def test_what_is_listened_to_is_published(service: Service) -> None:
    assert keys(service.subscribes) - set(PUBLISHED) == set()


@every_service
def test_bindings_are_exact_and_have_five_words(service: Service) -> None:
    by_key = {contract_of(schema).key: contract_of(schema) for schema in service.subscribes}
    for binding in service.bindings("north"):
        assert "#" not in binding
        agency, *words = binding.split(".")
        assert agency == ("*" if by_key[".".join(words)].audience == "partners" else "north")
        assert len(words) == 4
        assert all(word and "*" not in word for word in words)
    assert len(service.bindings("north")) == len(by_key)


def test_types_have_five_words() -> None:
    for contract in all_contracts():
        assert len(contract.type_for("local").split(".")) == 5


def test_every_queue_is_consumed() -> None:
    """A service that binds a queue has handlers, so its loops consume; each queue's name is its own."""
    for service in SERVICES:
        assert bool(service.bindings("north")) == bool(service.handlers)
    names = [name(agency, s.name) for s in SERVICES for agency in ("local", "north")
             for name in (topology.inbox_name, topology.dead_name)]  # fmt: skip
    assert len(names) == len(set(names))


def _strings(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def _calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


def test_names_of_the_bus_stand_only_in_topology() -> None:
    topology_file = ROOT / "shared" / "bus" / "topology.py"
    elsewhere = [path for path in SOURCES if path != topology_file]
    typed = {
        f"{path.relative_to(ROOT)}: {text!r}"
        for path in elsewhere
        for text in _strings(path)
        if ROUTING_KEY.fullmatch(text) or QUEUE.search(text)
    }
    assert typed == set()
    declaring = {str(p.relative_to(ROOT)) for p in elsewhere if {"Exchange", "Queue"} & set(_calls(p))}
    assert declaring == set()
    assert {"Exchange", "Queue"} <= set(_calls(topology_file))
    assert any(QUEUE.search(text) for text in _strings(topology_file))
