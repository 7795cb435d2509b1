"""The golden examples, and what the last release published, for the contract tests.

`every_contract` and `every_example` make a test run once for each event or example; no test of ours
has code per event.
"""

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.publish import EXAMPLE_NAMES, PUBLISHED, example_path, schema_path
from shared.contracts.registry import Contract, EventSchema, all_contracts

ROOT = Path(__file__).parents[2]

every_contract = pytest.mark.parametrize("contract", all_contracts(), ids=lambda c: c.key)
every_example = pytest.mark.parametrize(
    ("contract", "name"),
    [pytest.param(c, name, id=f"{c.key}/{name}") for c in all_contracts() for name in EXAMPLE_NAMES],
)


def example_text(contract: Contract, name: str) -> str:
    """A golden example as it stands in its file."""
    return example_path(PUBLISHED, contract.key, name).read_text("utf-8")


def example_message(contract: Contract, name: str) -> dict[str, Any]:
    """A golden example as a JSON object."""
    message: dict[str, Any] = json.loads(example_text(contract, name))
    return message


def published_schema(contract: Contract) -> dict[str, Any]:
    """The frozen JSON Schema of an event."""
    schema: dict[str, Any] = json.loads(schema_path(PUBLISHED, contract.key).read_text("utf-8"))
    return schema


def contract_for(schema: type[EventSchema], name: str = "thing.happened", **changes: Any) -> Contract:
    """A contract of a schema made in a test, not entered in the registry."""
    values: dict[str, Any] = {"version": 1, "owner": "intake", "audience": "services", "deprecated": False}
    return Contract(name=name, schema=schema, summary="Something happened.", **(values | changes))


@cache
def released_files() -> dict[str, str]:
    """What the last release (tag v*), or else the last commit, holds of published/: path there -> text.

    Empty outside a git checkout and before the first commit: then there is nothing to keep.
    """
    released = (_git("describe", "--tags", "--abbrev=0", "--match", "v*") or "HEAD").strip()
    folder = PUBLISHED.relative_to(ROOT).as_posix()
    names = (_git("ls-tree", "-r", "--name-only", released, "--", folder) or "").splitlines()
    return {Path(n).relative_to(folder).as_posix(): _git("show", f"{released}:{n}") or "" for n in names}


def _git(*arguments: str) -> str | None:
    done = subprocess.run(
        ["git", "-C", ROOT, *arguments], capture_output=True, text=True, encoding="utf-8", check=False
    )
    return done.stdout if done.returncode == 0 else None
