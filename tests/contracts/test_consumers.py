"""Contract tests 5 and 6: each handler takes each golden example, twice, and needs only what is promised."""

from pathlib import Path

import pytest

from shared.bus.handlers import handles
from shared.contracts.intake import PetitionRegisteredV1
from shared.contracts.publish import EXAMPLE_NAMES
from shared.contracts.registry import Contract, contract_of
from shared.runtime.service import Service
from tests.contracts.consumers import Consumer, changed, consumer, every_subscription, golden, optional_fields

every_story = pytest.mark.parametrize("story", EXAMPLE_NAMES)


@every_story
@every_subscription
def test_consumer_accepts_and_a_second_time_changes_nothing(
    service: Service, contract: Contract, story: str, prepared: Path, tmp_path: Path
) -> None:
    event = golden(contract, story)
    with consumer(service, prepared, tmp_path) as consuming:
        consuming.accept(event, story)
        after_first = consuming.everything()
        consuming.give(event)
        assert consuming.everything() == after_first


@every_subscription
def test_consumer_ignores_what_it_does_not_know(
    service: Service, contract: Contract, prepared: Path, tmp_path: Path
) -> None:
    event = golden(contract, "full")
    with consumer(service, prepared, tmp_path) as consuming:
        consuming.accept(changed(event, added_in_a_later_version=["x"]), "full")
        after_first = consuming.everything()
        consuming.give(event)
        assert consuming.everything() == after_first


@every_subscription
def test_consumer_needs_only_what_is_promised(
    service: Service, contract: Contract, prepared: Path, tmp_path: Path
) -> None:
    known, optional = set(contract.schema().fields), optional_fields(contract)
    for handler in (h for h in service.handlers if h.contract.key == contract.key):
        assert handler.uses <= known, f"{handler.name} uses fields that the event does not have"
    for number, dropped in enumerate([(), *((name,) for name in optional), tuple(optional)]):
        with consumer(service, prepared, tmp_path / str(number)) as consuming:
            consuming.accept(changed(golden(contract, "full"), without=dropped), "full")
            _check_declared(consuming, contract)


def _check_declared(consuming: Consumer, contract: Contract) -> None:
    declared = frozenset().union(*(handler.uses for handler in consuming.handlers(contract.key)))
    undeclared = consuming.read - declared
    assert not undeclared, f"read by event[...] and not named in uses: {sorted(undeclared)}"


def test_a_handler_that_needs_more_is_found(prepared: Path, tmp_path: Path) -> None:
    """The test above can fail: this handler reads an optional field as if it were always there."""

    @handles(PetitionRegisteredV1, uses=("township",))
    def greedy(event, session):  # type: ignore[no-untyped-def]
        assert event["number"]
        assert event["township"]

    service = Service("reporting", "", "services.reporting", (), (greedy,), None, blueprints=tuple)  # type: ignore[arg-type]
    contract = contract_of(PetitionRegisteredV1)
    with consumer(service, prepared, tmp_path) as consuming:
        consuming.accept(golden(contract, "full"), "full")
        with pytest.raises(AssertionError, match="number"):
            _check_declared(consuming, contract)
        with pytest.raises(KeyError, match="township"):
            consuming.accept(changed(golden(contract, "full"), without=["township"]), "full")
