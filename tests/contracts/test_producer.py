"""Contract test 4: what services say they publish, tests have really emitted, as published.

The record is kept by tests/emitted.py and looked at when a run of the whole suite ends; here it is shown
that this look finds what is wrong.
"""

import json

from shared.contracts.registry import all_contracts, contract_for_type
from tests.contracts.examples import example_message, example_text
from tests.emitted import faults_of

EVERY = {contract.key for contract in all_contracts()}
COMPLETE = [example_text(contract, "full").replace("\n", "") for contract in all_contracts()]


def test_a_complete_record_has_no_faults() -> None:
    assert faults_of(COMPLETE, EVERY) == []


def test_an_event_that_nobody_emitted_is_named() -> None:
    for line in COMPLETE:
        key = json.loads(line)["type"].partition(".")[2]
        others = [other for other in COMPLETE if other is not line]
        assert faults_of(others, EVERY) == [f"{key} is published by a service, and no test ever emitted it"]


def test_a_wrong_event_is_named_without_its_values() -> None:
    contract = contract_for_type("local.intake.petition.registered.v1")
    assert contract is not None
    message = example_message(contract, "full")
    message["data"]["channel"] = "pigeon"
    faults = faults_of([*COMPLETE, json.dumps(message)], EVERY)
    assert faults == [f"{contract.key} does not fit its published schema at $.data.channel"]


def test_an_undeclared_event_is_named() -> None:
    key = "intake.petition.registered.v1"
    faults = faults_of(COMPLETE, EVERY - {key})
    assert faults == [f"{key} was emitted, and no service declares in service.py that it publishes it"]
