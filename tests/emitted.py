"""Keeps a record of every event that any test really committed to an outbox, for contract test 4.

At the end of a run of the whole suite: each event that a service says it publishes must have been
emitted by some test, and what was emitted must fit the published JSON Schema.
"""

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from sqlalchemy import event
from sqlalchemy.orm import Session

from shared.contracts.publish import PUBLISHED, schema_path
from shared.contracts.registry import keys
from shared.db.outbox import Outbox

OF_EACH = 25  # kept per event and set of fields, and per process
OF_TESTS: set[str] = set()  # keys of events that only tests declare, for as long as they last
FOLDER = pytest.StashKey[Path]()


def listen(config: pytest.Config) -> None:
    """Begin to record; the workers of xdist write into the folder of the process that started them."""
    told = getattr(config, "workerinput", {}).get("emitted")
    folder = Path(told or tempfile.mkdtemp(prefix="huajie-emitted-"))
    config.stash[FOLDER] = folder
    file = folder / f"{os.getpid()}.jsonl"
    kept: Counter[tuple[str, ...]] = Counter()

    def note(_mapper: Any, _connection: Any, row: Outbox) -> None:
        session = Session.object_session(row)
        if session is not None:
            session.info.setdefault("emitted", []).append(row.body)

    def keep(session: Session) -> None:
        for body in session.info.pop("emitted", []):
            message = json.loads(body)
            if message["type"].partition(".")[2] in OF_TESTS:
                continue
            kind = (message["type"].partition(".")[2], *sorted(message["data"]))
            kept[kind] += 1
            if kept[kind] <= OF_EACH:
                with file.open("a", encoding="utf-8") as out:
                    out.write(body + "\n")

    event.listen(Outbox, "after_insert", note)
    event.listen(Session, "after_commit", keep)
    event.listen(Session, "after_rollback", lambda session: session.info.pop("emitted", None))


def tell_worker(node: Any) -> None:
    """Give a worker of xdist the folder."""
    node.workerinput["emitted"] = str(node.config.stash[FOLDER])


def check_at_the_end(session: pytest.Session) -> None:
    """Fail the run where the whole suite left an event out or emitted a wrong one."""
    config = session.config
    if hasattr(config, "workerinput"):
        return
    folder = config.stash[FOLDER]
    if _is_whole_suite(config) and session.exitstatus == pytest.ExitCode.OK:
        from services import all_services

        declared = {key for service in all_services() for key in keys(service.publishes)}
        lines = [line for file in folder.glob("*.jsonl") for line in file.read_text("utf-8").splitlines()]
        faults = faults_of(lines, declared)
        if faults:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            reporter = config.pluginmanager.get_plugin("terminalreporter")
            if reporter is not None:
                reporter.section("what the tests emitted", sep="=", red=True)
                for fault in faults:
                    reporter.line(fault, red=True)
    shutil.rmtree(folder, ignore_errors=True)


def faults_of(lines: Iterable[str], declared: set[str]) -> list[str]:
    """What is wrong with a record of emitted messages, in words; never a value of theirs."""
    faults: set[str] = set()
    seen: set[str] = set()
    for line in lines:
        message = json.loads(line)
        key = message["type"].partition(".")[2]
        seen.add(key)
        if key not in declared:
            faults.add(f"{key} was emitted, and no service declares in service.py that it publishes it")
            continue
        faults |= {f"{key} does not fit its published schema at {where}" for where in _misfits(key, message)}
    faults |= {f"{key} is published by a service, and no test ever emitted it" for key in declared - seen}
    return sorted(faults)


def _misfits(key: str, message: dict[str, Any]) -> set[str]:
    schema = json.loads(schema_path(PUBLISHED, key).read_text("utf-8"))
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    return {error.json_path for error in validator.iter_errors(message)}


def _is_whole_suite(config: pytest.Config) -> bool:
    options = config.option
    narrowed = (
        options.keyword
        or getattr(options, "lf", False)
        or options.collectonly
        or getattr(options, "deselect", None)
    )
    only = options.markexpr and not options.markexpr.startswith("not ")
    return config.args_source is not pytest.Config.ArgsSource.ARGS and not narrowed and not only
